using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>Writes what is wrong with a frame as members of a JSON object.</summary>
public static class FrameErrorJson
{
    /// <summary>The error in words and in parts: its kind, the byte it was found at, and the record (from 1) and column where it is in one.</summary>
    public static void Write(Utf8JsonWriter json, in FrameError error)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(error.Kind.ToString()));
        json.WriteNumber("position"u8, error.Position);
        if (error.Record >= 0)
            json.WriteNumber("record"u8, error.Record + 1);
        if (error.Column is { } column)
            json.WriteString("column"u8, column.Element);
    }

    /// <summary>The text in question; where it is not valid UTF-8, with replacement characters and once more as base64.</summary>
    public static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> raw)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("raw"u8, Encoding.UTF8.GetString(raw));
        if (!Utf8.IsValid(raw))
            json.WriteBase64String("rawBase64"u8, raw);
    }
}
