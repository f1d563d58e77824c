using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Days;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Web;

/// <summary>Writes the day of a key as JSON.</summary>
internal static class DayJson
{
    public static void Write(Utf8JsonWriter json, FeedSchema feed, string key, Day? day)
    {
        ItemJson.WriteTarget(json, feed.TrId, key, NameStyle.English);
        json.WriteString("date"u8, day?.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteStartObject("series"u8);
        foreach (var (name, bars) in day?.Series ?? [])
        {
            json.WriteStartArray(name);
            foreach (var bar in bars)
                WriteBar(json, bar, new DateTimeOffset(day!.Date, default, KoreaTime.Offset));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("gaps"u8);
        foreach (var gap in day?.Gaps ?? [])
        {
            json.WriteStartObject();
            ItemJson.WriteTime(json, "from"u8, gap.From);
            ItemJson.WriteTime(json, "to"u8, gap.To);
            json.WriteString("reason"u8, gap.Reason);
            WriteValues(json, "before"u8, day!.Series, gap.Before);
            WriteValues(json, "after"u8, day.Series, gap.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteValues(
        Utf8JsonWriter json,
        ReadOnlySpan<byte> name,
        IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> series,
        ImmutableArray<decimal?> values)
    {
        json.WriteStartObject(name);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                json.WriteNumber(series[i].Name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteBar(Utf8JsonWriter json, in DayBar bar, DateTimeOffset midnight)
    {
        json.WriteStartObject();
        json.WriteString("start"u8, midnight.AddMinutes(bar.Minute));
        json.WriteNumber("open"u8, bar.Open);
        json.WriteNumber("high"u8, bar.High);
        json.WriteNumber("low"u8, bar.Low);
        json.WriteNumber("close"u8, bar.Close);
        json.WriteNumber("records"u8, bar.Records);
        json.WriteEndObject();
    }
}
