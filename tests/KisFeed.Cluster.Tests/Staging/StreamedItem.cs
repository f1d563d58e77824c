using System.Text.Json;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>A record or a gap of a stream.</summary>
/// <param name="Id">Its id; the part behind the last hyphen is its position in time.</param>
/// <param name="Key">The key within the feed.</param>
/// <param name="At">When the record was received; for a gap, when it ended.</param>
/// <param name="From">When a gap began; <see langword="null"/> for a record.</param>
/// <param name="Reason">The reason of a gap.</param>
internal sealed record StreamedItem(string Id, string Key, DateTimeOffset At, DateTimeOffset? From, string? Reason)
{
    public bool IsGap => Reason is not null;

    public static StreamedItem? TryRead(string json)
    {
        var item = JsonSerializer.Deserialize<JsonElement>(json);
        if (item.TryGetProperty("gap", out var gap))
        {
            return new StreamedItem(
                IdOf(item), gap.GetProperty("key").GetString()!, gap.GetProperty("to").GetDateTimeOffset(),
                gap.GetProperty("from") is { ValueKind: JsonValueKind.String } from ? from.GetDateTimeOffset() : null,
                gap.GetProperty("reason").GetString());
        }
        return item.TryGetProperty("receivedAt", out var at)
            ? new StreamedItem(IdOf(item), item.GetProperty("key").GetString()!, at.GetDateTimeOffset(), null, null)
            : null;
    }

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;
}
