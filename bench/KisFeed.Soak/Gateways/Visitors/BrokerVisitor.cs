using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>A visitor in the broker's protocol.</summary>
internal sealed class BrokerVisitor(int port, ApprovalKeys approvalKeys, VisitLog log) : IVisitor
{
    private const string Register = "1";
    private const string Release = "2";

    public string Name => "broker";

    public async Task VisitAsync(Visit visit, VisitorConnection connection, Action<string> onRecord, CancellationToken cancellation)
    {
        var approvalKey = await approvalKeys.OfAsync(visit.Token, cancellation);
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/tryitout"), connection.Http, cancellation);
        foreach (var (trId, key) in visit.Keys)
            await RequestAsync(socket, approvalKey, Register, trId, key, cancellation);
        await new SocketReading(socket, visit.ReadingBehavior)
            .ReadAsync(visit.Stay, (message, token) => OnMessageAsync(socket, visit, message, onRecord, token), cancellation);
        if (!visit.ClosesCleanly)
            return;

        // One key is released by request, the others with the connection.
        await RequestAsync(socket, approvalKey, Release, visit.Keys[0].TrId, visit.Keys[0].Key, cancellation);
        await SocketReading.CloseAsync(socket, cancellation);
    }

    private async ValueTask OnMessageAsync(
        ClientWebSocket socket, Visit visit, string message, Action<string> onRecord, CancellationToken cancellation)
    {
        if (message.StartsWith("{\"header\":{\"tr_id\":\"PINGPONG\"", StringComparison.Ordinal))
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        else if (message is ['0' or '1', '|', ..])
        {
            log.Count("broker frames");
            var trId = message.Split('|', 3)[1];
            onRecord(trId);
            if (trId.Length == visit.Keys[0].TrId.Length && !visit.Keys.Any(k => k.TrId == trId))
                log.ReportError($"a connection with {visit.Subscriptions} received a frame of {trId}");
        }
        else if (message.StartsWith('{'))
        {
            CountAnswer(message);
        }
        else
        {
            log.Count("broker frames that are none");
        }
    }

    private void CountAnswer(string message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            if (json.RootElement.TryGetProperty("body", out var body) && body.TryGetProperty("msg_cd", out var code))
                log.Count($"broker {code.GetString()}");
        }
        catch (JsonException)
        {
            log.Count("broker frames that are none");
        }
    }

    private static Task RequestAsync(
        ClientWebSocket socket, string approvalKey, string type, string trId, string key, CancellationToken cancellation)
    {
        var text = $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"{{{{type}}}}","content-type":"utf-8"}"""
            + $$$$""","body":{"input":{"tr_id":"{{{{trId}}}}","tr_key":"{{{{key}}}}"}}}""";
        return socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation)
            .AsTask();
    }
}
