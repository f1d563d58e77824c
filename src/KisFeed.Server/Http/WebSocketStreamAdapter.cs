using KisFeed.Wire;

namespace KisFeed.Server.Http;

/// <summary>
/// A stream between a connection and the <see cref="System.Net.WebSockets.WebSocket"/> that reads it. Supports asynchronous reads and writes only and
/// buffers no writes. Does not own the connection.
/// </summary>
internal abstract class WebSocketStreamAdapter : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => true;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public sealed override void Flush()
    {
        // Writes are not buffered.
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>
/// The stream between a connection and the <see cref="System.Net.WebSockets.WebSocket"/> that reads it. Reads go through the guard. Frames that the
/// WebSocket writes by itself, such as answers to pings, are queued with all other messages. Does not own the connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="guard">Reads from the connection.</param>
/// <param name="outbound">The outbound queue.</param>
/// <param name="beforePong">Called before a ping is answered; reading pauses until it completes.</param>
internal sealed class ClientFrameStream(Stream connection, FrameGuard guard, OutboundBuffer outbound, Func<ValueTask> beforePong) : WebSocketStreamAdapter
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => guard.ReadAsync(connection, buffer, cancellationToken);

    // Waits first, so that a client that sends pings and reads nothing cannot fill the memory.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!buffer.IsEmpty && WebSocketFrameHeader.OpcodeOf(buffer.Span[0]) == WebSocketOpcode.Pong)
            await beforePong().ConfigureAwait(false);
        await outbound.WaitForRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        outbound.AppendFrame(buffer.Span);
    }
}
