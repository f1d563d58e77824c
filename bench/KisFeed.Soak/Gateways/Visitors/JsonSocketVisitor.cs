using System.Net.WebSockets;
using System.Text.Json;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>A visitor that reads JSON over a WebSocket.</summary>
internal sealed class JsonSocketVisitor(int port, VisitLog log) : IVisitor
{
    public string Name => "json";

    public async Task VisitAsync(Visit visit, VisitorConnection connection, Action<string> onRecord, CancellationToken cancellation)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.SetRequestHeader("Authorization", $"Basic {visit.Token.Basic}");
        await socket.ConnectAsync(
            new Uri($"ws://127.0.0.1:{port}/v1/stream?overflow={visit.Overflow}&queue={visit.Queue}"), connection.Http, cancellation);
        log.Count("stream answered 101");
        await SendAsync(socket, "subscribe", visit.Keys.Select(k => $"{k.TrId}:{k.Key}"), cancellation);
        var items = new StreamItems(visit, log, onRecord);
        await new SocketReading(socket, visit.ReadingBehavior).ReadAsync(
            visit.Stay,
            (message, _) =>
            {
                items.Add(message);
                return ValueTask.CompletedTask;
            },
            cancellation);
        if (!visit.ClosesCleanly)
            return;
        await SendAsync(socket, "unsubscribe", visit.Keys.Take(1).Select(k => $"{k.TrId}:{k.Key}"), cancellation);
        await SocketReading.CloseAsync(socket, cancellation);
    }

    private static Task SendAsync(ClientWebSocket socket, string what, IEnumerable<string> keys, CancellationToken cancellation)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string[]>(StringComparer.Ordinal) { [what] = [.. keys] });
        return socket.SendAsync(text.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation).AsTask();
    }
}
