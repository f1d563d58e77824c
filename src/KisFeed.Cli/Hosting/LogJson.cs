using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Writes a log message as JSON: <c>time</c>, <c>level</c>, <c>category</c>, <c>eventId</c>, <c>event</c>, <c>message</c>, then the named
/// values of the message, and <c>exception</c> if there is one.
/// </summary>
internal static class LogJson
{
    private const string Format = "{OriginalFormat}";

    // Lines go to log collectors, not to web pages, so Hangul stays unescaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string LineOf(
        DateTimeOffset time, LogLevel level, string category, EventId id, IReadOnlyList<KeyValuePair<string, object?>>? values,
        string message, Exception? exception)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
            json.WriteString("level"u8, level.ToString().ToLowerInvariant());
            json.WriteString("category"u8, category);
            json.WriteNumber("eventId"u8, id.Id);
            json.WriteString("event"u8, id.Name);
            json.WriteString("message"u8, message);
            foreach (var (name, value) in values ?? [])
            {
                if (name != Format)
                    WriteValue(json, JsonNamingPolicy.CamelCase.ConvertName(name), value);
            }

            if (exception is not null)
                json.WriteString("exception"u8, exception.ToString());
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        if (value is null)
            json.WriteNullValue();
        else if (value is bool flag)
            json.WriteBooleanValue(flag);
        else if (value is int or long)
            json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
        else
            json.WriteStringValue(PrintableText.Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
    }
}
