using System.Buffers.Binary;
using System.Net.WebSockets;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>
/// What stands between a connection and the WebSocket that reads it: the guard reads what comes in, and what the WebSocket writes of its own accord, such as answers to pings, waits for its turn with everything else. Does not own the connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="guard">Reads what comes in.</param>
/// <param name="consumer">The stream.</param>
internal sealed class PongInterceptingStream(Stream connection, FrameGuard guard, StreamConsumer consumer) : WebSocketStreamAdapter
{
    private const int OpcodeBits = 0x0F;
    private const int CloseOpcode = 0x8;

    /// <summary>With which status the WebSocket would have closed, because its client broke the protocol; <see langword="null"/> where it would not.</summary>
    public WebSocketCloseStatus? CloseStatus { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => guard.ReadAsync(connection, buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A stream has one end of its own, and one close frame.
        if (buffer.Span is [var first, ..] && (first & OpcodeBits) == CloseOpcode)
        {
            CloseStatus = buffer.Length >= 4 ? (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(buffer.Span[2..]) : WebSocketCloseStatus.ProtocolError;
            return;
        }

        await consumer.Queue.WaitForAnswersAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        consumer.Tell(StreamControlItems.Wire(buffer.Span));
    }
}
