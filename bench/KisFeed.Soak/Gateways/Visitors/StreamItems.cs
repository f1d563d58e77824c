using System.Text.Json;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Checks the items of a JSON stream: each must be valid JSON, and records must have a subscribed key.</summary>
internal sealed class StreamItems(Visit visit, VisitLog log, Action<string> onRecord)
{
    private static readonly string[] s_events =
        ["subscribed", "unsubscribed", "gap", "interruption", "refused", "resumed", "heartbeat", "end"];

    public void Add(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            Add(json.RootElement);
        }
        catch (JsonException e)
        {
            log.ReportError($"an item of a stream is not valid JSON ({e.Message}): {text}");
        }
    }

    private void Add(JsonElement item)
    {
        if (Array.Find(s_events, name => item.TryGetProperty(name, out _)) is { } eventName)
        {
            log.Count($"stream {eventName}");
        }
        else if (item.TryGetProperty("error", out _))
        {
            log.Count("stream malformed");
        }
        else
        {
            log.Count("stream records");
            var trId = item.GetProperty("trId").GetString()!;
            onRecord(trId);
            if (!visit.Keys.Any(k => k.TrId == trId && (k.Key == item.GetProperty("key").GetString())))
                log.ReportError($"a stream with {visit.Subscriptions} received a record of {trId}:{item.GetProperty("key")}");
        }
    }
}
