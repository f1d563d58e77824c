using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Reads a stream over a WebSocket.</summary>
internal sealed class SocketClient : StreamClient
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    private SocketClient(ClientWebSocket socket) => Socket = socket;

    public ClientWebSocket Socket { get; }

    public static async Task<SocketClient> OpenAsync(GatewayServer gateway, string query, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new Uri(gateway.WebSocketUrl, $"/v1/stream?{query}"), CancellationToken.None).WaitAsync(Patience.Limit);
        return new SocketClient(socket);
    }

    public Task SendAsync(string text) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None)
            .WaitAsync(Patience.Limit);

    /// <summary>Reads the next item; <see langword="null"/> after the gateway has closed.</summary>
    public override async Task<StreamEvent?> NextAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await Socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(Patience.Limit);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                break;
        }

        using var json = JsonDocument.Parse(_buffer.AsMemory(0, length));
        var item = json.RootElement.Clone();
        var members = item.EnumerateObject().Select(member => member.Name).ToList();
        var kind =
            members.Find(name => name is "gap" or "interruption" or "error" or "subscribed" or "unsubscribed" or "refused" or "resumed"
                or "history" or "live" or "heartbeat" or "end")
            ?? "record";
        return new StreamEvent(item.TryGetProperty("id", out var id) ? id.GetString() : null, kind, item);
    }

    public override ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
