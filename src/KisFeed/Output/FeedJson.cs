using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>Writes feeds as JSON, in the same form for <c>kisfeed feeds --format json</c> and the gateway's HTTP API.</summary>
internal static class FeedJson
{
    /// <summary>Feeds, without their columns.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<FeedSchema> feeds)
    {
        json.WriteStartArray();
        foreach (var feed in feeds)
        {
            json.WriteStartObject();
            WriteMembers(json, feed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>One feed with its columns, and the extra columns of its layouts.</summary>
    public static void Write(Utf8JsonWriter json, FeedSchema feed)
    {
        json.WriteStartObject();
        WriteMembers(json, feed);
        json.WriteStartArray("columns"u8);
        foreach (var column in feed.PresentColumns)
            WriteColumn(json, feed.Columns[column]);
        json.WriteEndArray();
        json.WriteStartArray("layouts"u8);
        foreach (var layout in feed.Layouts)
        {
            json.WriteStartObject();
            json.WriteNumber("width"u8, layout.Width);
            json.WriteStartArray("extra"u8);
            foreach (var column in layout.ExtraColumns)
                WriteColumn(json, column);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static string? NameOf(ColumnRole role) => role == ColumnRole.None ? null : JsonName.Of(role);

    private static void WriteMembers(Utf8JsonWriter json, FeedSchema feed)
    {
        json.WriteString("trId"u8, feed.TrId);
        json.WriteString("mockTrId"u8, feed.MockTrId);
        json.WriteString("mockSource"u8, feed.MockSource);
        json.WriteString("alias"u8, feed.Alias);
        json.WriteString("korean"u8, feed.Korean);
        json.WriteString("market"u8, JsonName.Of(feed.Market));
        json.WriteString("record"u8, feed.RecordName);
        json.WriteString("document"u8, feed.Document);
        json.WriteString("keyMeaning"u8, feed.KeyMeaning);
        json.WriteString("keyExample"u8, feed.KeyExample);
        json.WriteString("keyForm"u8, feed.KeyForm.Length == 0 ? null : feed.KeyForm);
        json.WriteString("keyElement"u8, feed.Columns[feed.KeyColumn].Element);
        json.WriteBoolean("isNotice"u8, feed.IsNotice);
        json.WriteBoolean("hasPriceScale"u8, feed.HasScaledPrices);
        json.WriteStartArray("widths"u8);
        foreach (var layout in feed.Layouts)
            json.WriteNumberValue(layout.Width);
        json.WriteEndArray();
        json.WriteNumber("currentWidth"u8, feed.CurrentLayout.Width);
    }

    private static void WriteColumn(Utf8JsonWriter json, Column column)
    {
        json.WriteStartObject();
        json.WriteString("element"u8, column.Element);
        json.WriteString("korean"u8, column.Korean);
        json.WriteString("english"u8, column.JsonName);
        json.WriteString("type"u8, column.Type.ToString().ToLowerInvariant());
        json.WriteString("unit"u8, column.Unit);
        json.WriteString("role"u8, NameOf(column.Role));
        if (column.Group is { } group)
        {
            json.WriteString("group"u8, JsonNamingPolicy.CamelCase.ConvertName(group));
            if (column.GroupIndex >= 0)
                json.WriteNumber("index"u8, column.GroupIndex);
            json.WriteString("field"u8, JsonNamingPolicy.CamelCase.ConvertName(column.Field!));
        }

        if (column.Codes.Count > 0)
        {
            json.WriteStartObject("codes"u8);
            foreach (var (code, names) in column.Codes.OrderBy(c => c.Key, StringComparer.Ordinal))
                json.WriteString(code, names.JsonName);
            json.WriteEndObject();
            json.WriteStartObject("koreanCodes"u8);
            foreach (var (code, names) in column.Codes.OrderBy(c => c.Key, StringComparer.Ordinal))
                json.WriteString(code, names.Korean);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
