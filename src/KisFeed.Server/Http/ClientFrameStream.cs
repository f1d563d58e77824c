namespace KisFeed.Server;

/// <summary>
/// What stands between a connection and the <see cref="System.Net.WebSockets.WebSocket"/> that reads it: shows the scanner every byte that
/// comes in, and puts what the WebSocket writes of its own accord, such as answers to pings, in the queue with everything else. Does not own the
/// connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="scanner">Sees what comes in.</param>
/// <param name="outbound">The queue.</param>
/// <param name="onPing">Asked before a ping is answered; nothing is read meanwhile.</param>
internal sealed class ClientFrameStream(Stream connection, ClientFrameScanner scanner, OutboundBuffer outbound, Func<ValueTask> onPing) : Stream
{
    private const byte OpcodeMask = 0x0F;
    private const byte PongOpcode = 0xA;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        scanner.Scan(buffer.Span[..count]);
        return count;
    }

    // Waits first: a client that sends pings and reads nothing must not fill the memory.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!buffer.IsEmpty && (buffer.Span[0] & OpcodeMask) == PongOpcode)
            await onPing().ConfigureAwait(false);
        await outbound.WaitForRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        outbound.AppendFrame(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is held back here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
