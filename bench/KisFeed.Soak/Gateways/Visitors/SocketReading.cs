using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Reads a WebSocket for some time at some speed.</summary>
internal sealed class SocketReading(ClientWebSocket socket, ReadingBehavior behavior)
{
    private const int BufferLength = 32 * 1024;

    private static readonly TimeSpan s_readDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(20);

    private readonly ArrayBufferWriter<byte> _message = new();

    /// <summary>Reads until the time is over or the gateway closes.</summary>
    public async Task ReadAsync(TimeSpan stayDuration, Func<string, CancellationToken, ValueTask> onMessage, CancellationToken cancellation)
    {
        var until = TimeProvider.System.GetTimestamp() + (long)(stayDuration.TotalSeconds * TimeProvider.System.TimestampFrequency);
        if (behavior == ReadingBehavior.NotAtAll)
        {
            await Task.Delay(stayDuration, cancellation);
            return;
        }

        while (TimeProvider.System.GetTimestamp() < until)
        {
            if (await NextAsync(cancellation) is not { } message)
                return;
            await onMessage(message, cancellation);
            if (behavior == ReadingBehavior.Slowly)
                await Task.Delay(s_readDelay, cancellation);
        }
    }

    /// <summary>Closes with a handshake and discards messages until then.</summary>
    public static async Task CloseAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        if (socket.State != WebSocketState.Open)
            return;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_closing);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
    }

    // Returns null when the gateway closes.
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
