using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>
/// A line of a capture, in a file or a stream: a frame after the time of its receipt (<c>TIME FRAME</c>), or <c># {…}</c> with an event,
/// or with a frame that cannot be a line of text. docs/capture-format.md is its specification. This is the only code that reads and
/// writes such lines.
/// </summary>
/// <param name="At">The time of the receipt or of the event.</param>
/// <param name="Frame">The frame, which is never empty; empty if it is an event.</param>
/// <param name="Event">The event; <see langword="null"/> if it is a frame.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CaptureLine(DateTimeOffset At, ReadOnlyMemory<byte> Frame, CaptureEvent? Event)
{
    /// <summary>The length of a time, e.g. <c>2026-11-20T00:00:01.1234567Z</c>: always in UTC and with seven decimals.</summary>
    public const int TimeLength = 28;

    private const string DayFormat = "yyyy-MM-dd";

    private const string FrameEvent = "frame";

    private static readonly Dictionary<string, CaptureEventKind> s_kinds = Enum.GetValues<CaptureEventKind>()
        .Where(kind => kind != CaptureEventKind.Unknown)
        .ToDictionary(JsonName.Of, StringComparer.Ordinal);

    private static readonly SearchValues<byte> s_lineBreaks = SearchValues.Create("\r\n"u8);

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends a frame: as text, unless it has line breaks or is not valid UTF-8.</summary>
    public static void Write(IBufferWriter<byte> output, string trId, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        if (frame.IsEmpty || frame.ContainsAny(s_lineBreaks) || !Utf8.IsValid(frame))
        {
            WriteBase64(output, trId, frame, receivedAt);
            return;
        }

        WriteTime(output, receivedAt);
        var span = output.GetSpan(1 + frame.Length + 1);
        span[0] = (byte)' ';
        frame.CopyTo(span[1..]);
        span[1 + frame.Length] = (byte)'\n';
        output.Advance(1 + frame.Length + 1);
    }

    public static void Write(IBufferWriter<byte> output, CaptureEvent captureEvent)
    {
        output.Write("# "u8);
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
            WriteText(json, "day", captureEvent.Day?.ToString(DayFormat, CultureInfo.InvariantCulture));
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

    public static void WriteTime(IBufferWriter<byte> output, DateTimeOffset time)
    {
        _ = Utf8Formatter.TryFormat(time.UtcDateTime, output.GetSpan(TimeLength), out var length, 'O');
        output.Advance(length);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line, without its line break.</param>
    /// <param name="line">The line. Its frame is a slice of <paramref name="text"/>, if it is text.</param>
    /// <returns>
    /// Whether it is a line of a capture. Not if a time is not in UTC with seven decimals, if a frame is empty, or if a member of an
    /// event does not have its type. Members and events that are not known are accepted, and so is an unknown reason, as none.
    /// </returns>
    public static bool TryRead(ReadOnlyMemory<byte> text, out CaptureLine line)
    {
        if (TryReadTime(text.Span, out var at))
        {
            line = new CaptureLine(at, text[(TimeLength + 1)..], null);
            return true;
        }

        line = default;
        if (text.Span is not [(byte)'#', ..])
            return false;
        try
        {
            using var document = JsonDocument.Parse(text[1..]);
            line = Read(document.RootElement);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Reads the time of a line with a frame, which follows it after a blank.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> line, out DateTimeOffset time)
    {
        time = default;
        return line.Length > TimeLength + 1
            && line[TimeLength] == (byte)' '
            && line[TimeLength - 1] == (byte)'Z'
            && Utf8Parser.TryParse(line[..TimeLength], out time, out var length, 'O')
            && length == TimeLength;
    }

    private static CaptureLine Read(JsonElement json)
    {
        var at = TimeOf(json.GetProperty("at"u8));
        var name = json.GetProperty("event"u8).GetString() ?? throw new FormatException("the event has no name");
        if (name == FrameEvent)
        {
            var frame = json.GetProperty("base64"u8).GetBytesFromBase64();
            return frame.Length > 0 ? new CaptureLine(at, frame, null) : throw new FormatException("the frame is empty");
        }

        var kind = s_kinds.GetValueOrDefault(name);
        return new CaptureLine(at, default, new CaptureEvent
        {
            Kind = kind,
            UnknownName = kind == CaptureEventKind.Unknown ? name : null,
            At = at,
            TrId = TextOf(json, "feed"u8),
            Key = TextOf(json, "key"u8),
            Keys = json.TryGetProperty("keys"u8, out var keys) ? [.. keys.EnumerateArray().Select(key => key.GetString()!)] : [],
            IsStart = json.TryGetProperty("start"u8, out var start) && start.GetBoolean(),
            Day = TextOf(json, "day"u8) is { } day ? DateOnly.ParseExact(day, DayFormat, CultureInfo.InvariantCulture) : null,
            Session = TextOf(json, "session"u8),
            Reason = JsonName.ValueOf<GapReason>(TextOf(json, "reason"u8)),
            From = json.TryGetProperty("from"u8, out var from) ? TimeOf(from) : null,
            To = json.TryGetProperty("to"u8, out var to) ? TimeOf(to) : null,
            Frames = json.TryGetProperty("frames"u8, out var frames) ? frames.GetInt64() : null,
            Code = TextOf(json, "code"u8),
            Text = TextOf(json, "text"u8),
        });
    }

    private static void WriteBase64(IBufferWriter<byte> output, string trId, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        output.Write("# "u8);
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            WriteTime(json, "at", receivedAt);
            json.WriteString("event", FrameEvent);
            json.WriteString("feed", trId);
            json.WriteBase64String("base64", frame);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        WriteText(json, name, time is { } value ? KoreaTimeText.Format(value) : null);

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static DateTimeOffset TimeOf(JsonElement time)
    {
        var text = time.GetString() ?? "";
        return DateTimeOffset.ParseExact(text, KoreaTimeText.UtcFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    private static string? TextOf(JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var text) ? text.GetString() : null;
}
