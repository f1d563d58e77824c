using System.Text.Json;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Looks at the items of a JSON stream: each must be JSON, and a record of a key that was asked for.</summary>
internal sealed class StreamItems(Visit visit, VisitLog log, Action<string> onRecord)
{
    private static readonly string[] s_events = ["subscribed", "unsubscribed", "gap", "interruption", "refused", "resumed", "heartbeat", "end"];

    public void Add(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            Add(json.RootElement);
        }
        catch (JsonException e)
        {
            log.Wrong($"an item of a stream is no JSON ({e.Message}): {text}");
        }
    }

    private void Add(JsonElement item)
    {
        if (Array.Find(s_events, name => item.TryGetProperty(name, out _)) is { } happened)
        {
            log.Count($"stream {happened}");
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
                log.Wrong($"a stream that has {visit.Subscriptions} got a record of {trId}:{item.GetProperty("key")}");
        }
    }
}
