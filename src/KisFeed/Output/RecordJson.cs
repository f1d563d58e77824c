using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>
/// Writes a record as members of a JSON object, directly from its fields: numbers with their scale as sent, texts and codes as strings,
/// absent values as null, columns named by a layout under their names, and unnamed columns as an array <c>extra</c>.
/// </summary>
public static class RecordJson
{
    private const int MaxNumberLength = 64;

    /// <summary>Writer options that keep Korean text readable.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks every column of a record without keeping the values.</summary>
    public static bool TryCheck(FeedSchema feed, in RecordFields fields, out FrameError error)
    {
        ArgumentNullException.ThrowIfNull(feed);
        for (var i = 0; i < feed.Columns.Length; i++)
        {
            if (!FieldText.TryCheck(FieldText.Trim(fields[i]), feed.Columns[i].Type, out var kind))
            {
                error = new FrameError(kind, fields.OffsetOf(i)) { Record = fields.Record, Column = feed.Columns[i] };
                return false;
            }
        }

        return fields.TryCheckExtra(out error);
    }

    /// <summary>Writes the members of a record that has passed <see cref="TryCheck"/>.</summary>
    public static void WriteMembers(Utf8JsonWriter json, FeedSchema feed, in RecordFields fields, NameStyle names)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(feed);
        if (names == NameStyle.Kis)
            WriteFlat(json, feed, fields);
        else
            WriteGrouped(json, feed, fields);

        if (feed.HasScaledPrices)
            WritePriceScale(json, fields.PriceScale, names);
        var named = fields.Layout.ExtraColumns;
        for (var i = 0; i < named.Length; i++)
        {
            json.WritePropertyName(names == NameStyle.Kis ? named[i].Element : named[i].JsonName);
            WriteValue(json, named[i], fields.Extra(i), names);
        }

        if (fields.UnnamedCount == 0)
            return;
        json.WriteStartArray("extra"u8);
        foreach (var field in fields.Unnamed.Split((byte)'^'))
            WriteText(json, FieldText.Trim(fields.Unnamed[field]));
        json.WriteEndArray();
    }

    // Without it, nobody could tell a price that lacks its decimal point from one that has none.
    private static void WritePriceScale(Utf8JsonWriter json, int? places, NameStyle names)
    {
        json.WritePropertyName(names == NameStyle.Kis ? Column.PriceScale.Element : Column.PriceScale.JsonName);
        if (places is { } known)
            json.WriteNumberValue(known);
        else
            json.WriteNullValue();
    }

    private static void WriteFlat(Utf8JsonWriter json, FeedSchema feed, in RecordFields fields)
    {
        foreach (var i in feed.PresentColumns)
        {
            json.WritePropertyName(feed.Columns[i].Element);
            WriteValue(json, feed.Columns[i], fields[i], NameStyle.Kis);
        }
    }

    private static void WriteGrouped(Utf8JsonWriter json, FeedSchema feed, in RecordFields fields)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        foreach (var member in feed.Members)
        {
            json.WritePropertyName(member.JsonName);
            if (member.Column >= 0)
            {
                var column = feed.Columns[member.Column];
                WriteValue(json, column, AmountText.Of(column, fields, member.Column, buffer), NameStyle.English);
                continue;
            }

            if (member.IsArray)
                json.WriteStartArray();
            foreach (var item in member.Items)
                WriteItem(json, feed, fields, item.AsSpan(), buffer);
            if (member.IsArray)
                json.WriteEndArray();
        }
    }

    private static void WriteItem(
        Utf8JsonWriter json, FeedSchema feed, in RecordFields fields, ReadOnlySpan<(int Column, string JsonName)> columns,
        Span<byte> buffer)
    {
        json.WriteStartObject();
        foreach (var (column, name) in columns)
        {
            json.WritePropertyName(name);
            WriteValue(json, feed.Columns[column], AmountText.Of(feed.Columns[column], fields, column, buffer), NameStyle.English);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, Column column, ReadOnlySpan<byte> field, NameStyle names)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, column.Type))
        {
            json.WriteNullValue();
        }
        else if (column.IsNumeric)
        {
            WriteNumber(json, text, column.Type);
        }
        else if (names == NameStyle.English
            && column.Type == ColumnType.Code
            && column.Codes.TryGetValue(System.Text.Encoding.ASCII.GetString(text), out var name))
        {
            json.WriteStringValue(name.JsonName);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> text, ColumnType type)
    {
        if (!NumberText.TryParse(text, out var number))
            throw new ArgumentException("the record must be checked before it is written", nameof(text));
        Span<byte> buffer = stackalloc byte[MaxNumberLength];
        json.WriteRawValue(buffer[..number.Format(buffer, type)], skipInputValidation: true);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (FieldText.IsAbsent(text))
            json.WriteNullValue();
        else
            json.WriteStringValue(text);
    }
}

/// <summary>The names of columns in JSON and CSV.</summary>
public enum NameStyle
{
    /// <summary>The English names of the record types in camel case; codes by their English names.</summary>
    English,

    /// <summary>The element names exactly as in the broker's documents; codes as sent.</summary>
    Kis,
}
