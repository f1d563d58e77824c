using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Hosting;

/// <summary>Writes a log message as JSON: <c>time</c>, <c>level</c>, <c>category</c>, <c>eventId</c>, <c>event</c>, <c>message</c>, then the values of the message by their names, and <c>exception</c> where there is one.</summary>
internal static class LogJson
{
    private const string Format = "{OriginalFormat}";

    // Lines are for log collectors, not for web pages: Hangul stays readable.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string LineOf<TState>(DateTimeOffset time, LogLevel level, string category, EventId id, TState state, string message, Exception? exception)
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
            foreach (var (name, value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
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
        switch (value)
        {
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case null:
                json.WriteNull(name);
                break;
            default:
                json.WriteString(name, PrintableText.Clean(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }
}

/// <summary>The form of log lines.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
