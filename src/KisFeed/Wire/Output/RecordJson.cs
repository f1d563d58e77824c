using System.Text.Encodings.Web;
using System.Text.Json;

namespace KisFeed.Wire;

/// <summary>
/// Writes a record as members of a JSON object, straight from its fields: numbers with their scale as sent, texts and codes as strings,
/// absent values as null, columns that a layout names under their names, and those that nobody names as an array <c>extra</c>.
/// </summary>
public static class RecordJson
{
    private const int MaxNumberLength = 64;

    /// <summary>Options for writers of such objects: Korean text stays readable.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Finds out whether every column of a record can be read, without keeping the values.</summary>
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

    /// <summary>Writes the members of a record that <see cref="TryCheck"/> has found readable.</summary>
    public static void WriteMembers(Utf8JsonWriter json, FeedSchema feed, in RecordFields fields, NameStyle names)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(feed);
        for (var i = 0; i < feed.Columns.Length; i++)
        {
            var column = feed.Columns[i];
            json.WritePropertyName(names == NameStyle.Kis ? column.Element : column.JsonName);
            WriteValue(json, column, fields[i], names);
        }

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

    private static void WriteValue(Utf8JsonWriter json, Column column, ReadOnlySpan<byte> field, NameStyle names)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, column.Type))
            json.WriteNullValue();
        else if (column.IsNumeric)
            WriteNumber(json, text);
        else if (names == NameStyle.English && column.Type == ColumnType.Code && column.Codes.TryGetValue(System.Text.Encoding.ASCII.GetString(text), out var name))
            json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(name));
        else
            json.WriteStringValue(text);
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (!NumberText.TryParse(text, out var number))
            throw new ArgumentException("the record was not checked before it was written", nameof(text));
        Span<byte> buffer = stackalloc byte[MaxNumberLength];
        json.WriteRawValue(buffer[..number.Format(buffer)], skipInputValidation: true);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (FieldText.IsAbsent(text))
            json.WriteNullValue();
        else
            json.WriteStringValue(text);
    }
}
