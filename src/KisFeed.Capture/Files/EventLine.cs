using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using KisFeed.Output;

namespace KisFeed.Capture.Files;

/// <summary>Writes and reads event lines.</summary>
internal static class EventLine
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private const string DayFormat = "yyyy-MM-dd";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends the line of an event.</summary>
    public static void Write(IBufferWriter<byte> output, CaptureEvent captureEvent)
    {
        output.Write(CaptureText.EventPrefix);
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            WriteTime(json, "at", captureEvent.At);
            json.WriteString("event", captureEvent.Name);
            if (captureEvent.Kind == CaptureEventKind.Capture)
                json.WriteNumber("version", 1);
            WriteText(json, "feed", captureEvent.TrId);
            WriteText(json, "key", captureEvent.Key);
            if (captureEvent.Kind == CaptureEventKind.Capture)
            {
                json.WriteStartArray("keys");
                foreach (var key in captureEvent.Keys)
                    json.WriteStringValue(key);
                json.WriteEndArray();
            }

            if (captureEvent.IsStart)
                json.WriteBoolean("start", true);
            if (captureEvent.Day is { } day)
                json.WriteString("day", day.ToString(DayFormat, CultureInfo.InvariantCulture));
            WriteText(json, "session", captureEvent.Session);
            WriteText(json, "reason", captureEvent.Reason is { } reason ? JsonName.Of(reason) : null);
            WriteTime(json, "from", captureEvent.From);
            WriteTime(json, "to", captureEvent.To);
            if (captureEvent.Frames is { } frames)
                json.WriteNumber("frames", frames);
            WriteText(json, "code", captureEvent.Code);
            WriteText(json, "text", captureEvent.Text);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Appends the event line of a frame that cannot be written as a line.</summary>
    public static void WriteFrame(IBufferWriter<byte> output, string trId, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        output.Write(CaptureText.EventPrefix);
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            WriteTime(json, "at", receivedAt);
            json.WriteString("event", EventNames.Frame);
            json.WriteString("feed", trId);
            json.WriteBase64String("base64", frame);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads an event line, which holds an event or a frame.</summary>
    /// <param name="line">The line, without its line break.</param>
    /// <param name="captureEvent">The event, if it is one.</param>
    /// <param name="frame">The frame, if it is one.</param>
    /// <param name="at">The time.</param>
    public static bool TryRead(ReadOnlyMemory<byte> line, out CaptureEvent? captureEvent, out byte[]? frame, out DateTimeOffset at)
    {
        captureEvent = null;
        frame = null;
        at = default;
        try
        {
            using var document = JsonDocument.Parse(line[1..]);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object || !TryGetTime(json, "at", out at) || Text(json, "event") is not { } name)
                return false;
            if (name == EventNames.Frame)
                return json.TryGetProperty("base64", out var base64) && base64.ValueKind == JsonValueKind.String && base64.TryGetBytesFromBase64(out frame);

            var kind = EventNames.KindOf(name);
            captureEvent = new CaptureEvent
            {
                Kind = kind,
                UnknownName = kind == CaptureEventKind.Unknown ? name : null,
                At = at,
                TrId = Text(json, "feed"),
                Key = Text(json, "key"),
                Keys = Texts(json, "keys"),
                IsStart = json.TryGetProperty("start", out var start) && start.ValueKind == JsonValueKind.True,
                Day = DayOf(json),
                Session = Text(json, "session"),
                Reason = Enum.TryParse<GapReason>(Text(json, "reason"), ignoreCase: true, out var reason) && Enum.IsDefined(reason) ? reason : null,
                From = TryGetTime(json, "from", out var from) ? from : null,
                To = TryGetTime(json, "to", out var to) ? to : null,
                Frames = json.TryGetProperty("frames", out var frames) && frames.ValueKind == JsonValueKind.Number && frames.TryGetInt64(out var count) ? count : null,
                Code = Text(json, "code"),
                Text = Text(json, "text"),
            };
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid UTF-8.
            return false;
        }
    }

    private static DateOnly? DayOf(JsonElement json) =>
        DateOnly.TryParseExact(Text(json, "day"), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
            json.WriteString(name, value.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static bool TryGetTime(JsonElement json, string name, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(Text(json, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<string> Texts(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var values) || values.ValueKind != JsonValueKind.Array)
            return [];
        return [.. values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)];
    }
}
