using System.Buffers.Binary;
using System.Net.WebSockets;

namespace KisFeed.Gateway;

/// <summary>
/// What stands between a connection and the WebSocket that reads it: what that writes of its own accord, such as answers to pings, waits for its turn with everything else. Does not own the connection.
/// </summary>
internal sealed class AnswerStream(Stream connection, StreamConsumer consumer) : Stream
{
    private const int OpcodeBits = 0x0F;
    private const int CloseOpcode = 0x8;

    /// <summary>With which status the WebSocket would have closed, because its client broke the protocol; <see langword="null"/> where it would not.</summary>
    public WebSocketCloseStatus? CloseStatus { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => connection.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A stream has one end of its own, and one close frame.
        if (buffer.Span is [var first, ..] && (first & OpcodeBits) == CloseOpcode)
        {
            CloseStatus = buffer.Length >= 4 ? (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(buffer.Span[2..]) : WebSocketCloseStatus.ProtocolError;
            return;
        }

        await consumer.Queue.WaitForAnswersAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        consumer.Tell(OwnItems.Wire(buffer.Span));
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
