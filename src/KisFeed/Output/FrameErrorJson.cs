using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>Writes a frame error as members of a JSON object.</summary>
public static class FrameErrorJson
{
    /// <summary>
    /// Writes the error as text and in parts: its kind, its byte position and, if it has them, its record (from 1) and column.
    /// </summary>
    public static void Write(Utf8JsonWriter json, in FrameError error)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("kind"u8, JsonName.Of(error.Kind));
        json.WriteNumber("position"u8, error.Position);
        if (error.Record >= 0)
            json.WriteNumber("record"u8, error.Record + 1);
        if (error.Column is { } column)
            json.WriteString("column"u8, column.Element);
    }

    /// <summary>Writes the text of the frame. If it is not valid UTF-8, writes it with replacement characters and also as base64.</summary>
    public static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> raw)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("raw"u8, Encoding.UTF8.GetString(raw));
        if (!Utf8.IsValid(raw))
            json.WriteBase64String("rawBase64"u8, raw);
    }
}
