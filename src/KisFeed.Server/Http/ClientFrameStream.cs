using KisFeed.Client;

namespace KisFeed.Server.Http;

/// <summary>
/// The stream between a connection and the <see cref="System.Net.WebSockets.WebSocket"/> that reads it. Reads go through the guard.
/// Frames that the WebSocket writes by itself, such as answers to pings, go to a function. Supports asynchronous reads and writes
/// only. Does not own the connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="guard">Reads from the connection.</param>
/// <param name="write">Takes a frame, which is valid until the task completes. Reading pauses meanwhile.</param>
internal sealed class ClientFrameStream(Stream connection, FrameGuard guard, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write)
    : SequentialStream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        guard.ReadAsync(connection, buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        write(buffer, cancellationToken);
}
