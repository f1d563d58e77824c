using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Reads a WebSocket for some time, at some pace.</summary>
internal sealed class SocketReading(ClientWebSocket socket, Manner manner)
{
    private const int BufferLength = 32 * 1024;

    private static readonly TimeSpan s_dawdling = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(20);

    private readonly ArrayBufferWriter<byte> _message = new();

    /// <summary>Reads until the time is over, or the gateway closes.</summary>
    public async Task ReadAsync(TimeSpan stay, Func<string, CancellationToken, ValueTask> onMessage, CancellationToken cancellation)
    {
        var until = TimeProvider.System.GetTimestamp() + (long)(stay.TotalSeconds * TimeProvider.System.TimestampFrequency);
        if (manner == Manner.IsDeaf)
        {
            await Task.Delay(stay, cancellation);
            return;
        }

        while (TimeProvider.System.GetTimestamp() < until)
        {
            if (await NextAsync(cancellation) is not { } message)
                return;
            await onMessage(message, cancellation);
            if (manner == Manner.Dawdles)
                await Task.Delay(s_dawdling, cancellation);
        }
    }

    /// <summary>Closes with a handshake; what comes until then is passed over.</summary>
    public static async Task CloseAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        if (socket.State != WebSocketState.Open)
            return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_closing);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    // Null when the gateway closes.
    private async Task<string?> NextAsync(CancellationToken cancellation)
    {
        _message.ResetWrittenCount();
        while (true)
        {
            var received = await socket.ReceiveAsync(_message.GetMemory(BufferLength), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
                return null;
            }

            _message.Advance(received.Count);
            if (received.EndOfMessage)
                return Encoding.UTF8.GetString(_message.WrittenSpan);
        }
    }
}
