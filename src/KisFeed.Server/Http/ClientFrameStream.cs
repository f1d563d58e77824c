namespace KisFeed.Server;

/// <summary>
/// What stands between a connection and the <see cref="System.Net.WebSockets.WebSocket"/> that reads it: has the guard read what
/// comes in, and puts what the WebSocket writes of its own accord, such as answers to pings, in the queue with everything else. Does not own the
/// connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="guard">Reads what comes in.</param>
/// <param name="outbound">The queue.</param>
/// <param name="beforePong">Called before a ping is answered; nothing is read until it completes.</param>
internal sealed class ClientFrameStream(Stream connection, FrameGuard guard, OutboundBuffer outbound, Func<ValueTask> beforePong) : WebSocketStreamAdapter
{
    private const byte OpcodeMask = 0x0F;
    private const byte PongOpcode = 0xA;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => guard.ReadAsync(connection, buffer, cancellationToken);

    // Waits first: a client that sends pings and reads nothing must not fill the memory.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!buffer.IsEmpty && (buffer.Span[0] & OpcodeMask) == PongOpcode)
            await beforePong().ConfigureAwait(false);
        await outbound.WaitForRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        outbound.AppendFrame(buffer.Span);
    }
}
