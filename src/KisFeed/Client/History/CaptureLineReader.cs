using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Client.History;

/// <summary>
/// Reads the lines of a gateway's stream of one key into the queue of a subscription, over any number of connections: each record once. Used by one
/// thread at a time.
/// </summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
/// <param name="start">Where the stream begins.</param>
/// <param name="queue">Receives frames and events.</param>
internal sealed class CaptureLineReader(FeedSchema feed, string key, HistoryStart start, FrameQueue queue)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly byte[] _trId = Encoding.ASCII.GetBytes(feed.TrId);
    private readonly RecordReaderBuffer _scratch = new();
    private LineTime _time;
    private DateTimeOffset? _beginsAt;
    private DateOnly? _statedDay;

    // The time of the last frame that was queued, and the number of its records that were. A time identifies a frame.
    private DateTimeOffset? _lastAt;
    private int _recordsAtLast;

    // The number of records of that frame that the current connection repeats.
    private int _repeated;

    // Queued just before the next frame, so that a connection that is lost before it repeats both.
    private Gap? _gap;

    /// <summary>Called with each frame whose width no layout has.</summary>
    public Action<FrameShape>? UnknownWidth { get; init; }

    /// <summary>Where the next connection begins: with the last frame, whose records are skipped as far as they are known.</summary>
    public string From => (_lastAt ?? _beginsAt) is { } at ? KoreaTimeText.Format(at) : start.ToString();

    /// <summary>Prepares for the lines of another connection, opened with <see cref="From"/>.</summary>
    public void BeginConnection()
    {
        _repeated = _recordsAtLast;
        _gap = null;
        _statedDay = null;
    }

    /// <summary>Reads a message: one or more lines.</summary>
    /// <returns>The last notice for the stream itself, if there is one.</returns>
    public StreamNotice? Read(ReadOnlySpan<byte> message)
    {
        StreamNotice? notice = null;
        while (!message.IsEmpty)
        {
            var end = message.IndexOf((byte)'\n');
            var line = end < 0 ? message : message[..end];
            message = end < 0 ? default : message[(end + 1)..];
            if (_time.TryRead(line, out var at))
                ReadFrame(at, line[(LineTime.Length + 1)..]);
            else if (line is [(byte)'#', ..])
                notice = ReadEvent(line[1..].ToArray()) ?? notice;
        }

        return notice;
    }

    private void ReadFrame(DateTimeOffset at, ReadOnlySpan<byte> bytes)
    {
        if (!TryResolve(bytes, out var frame, out var shape, out var error))
        {
            if (SkippedOf(at, 1) == 0)
                WriteMalformed(at, error, bytes.ToArray());
            return;
        }

        var records = CountRecords(frame, shape);
        var skipped = SkippedOf(at, records);
        if (skipped == records)
            return;
        if (shape.IsUnknownWidth)
            UnknownWidth?.Invoke(shape);
        WriteGap(at);
        if (skipped == 0)
            queue.Write(bytes, shape, at);
        else
            WriteRest(frame, shape, at, skipped);
        Advance(at, records - skipped);
    }

    private bool TryResolve(ReadOnlySpan<byte> bytes, out DataFrame frame, out FrameShape shape, out FrameError error)
    {
        shape = default;
        if (!DataFrame.TryParse(bytes, out frame, out error))
            return false;
        if (!Ascii.EqualsIgnoreCase(frame.TrId, _trId))
        {
            error = new FrameError(FrameErrorKind.UnknownTrId, 2);
            return false;
        }

        frame = frame with { StatedDay = _statedDay };
        var invalid = Utf8Text.IndexOfInvalid(frame.Payload);
        if (invalid < 0)
            return feed.TryResolve(frame, out shape, out error);
        error = new FrameError(FrameErrorKind.InvalidUtf8, frame.PayloadOffset + invalid);
        return false;
    }

    // The gateway sends no frame without a record of the key.
    private int CountRecords(in DataFrame frame, in FrameShape shape)
    {
        if (shape.Count == 1)
            return 1;
        var count = 0;
        var reader = _scratch.Read(frame, shape);
        while (reader.MoveNext())
        {
            if (feed.IsOfKey(reader.Current, _key))
                count++;
        }

        return count;
    }

    // The number of these records that an earlier connection has brought.
    private int SkippedOf(DateTimeOffset at, int records)
    {
        if (_repeated == 0)
            return 0;
        if (at > _lastAt)
        {
            // The gateway was killed before it had written the frame.
            _repeated = 0;
            return 0;
        }

        var skipped = at < _lastAt ? records : Math.Min(records, _repeated);
        if (at == _lastAt)
            _repeated -= skipped;
        if (skipped == records)
            _gap = null;
        return skipped;
    }

    private void WriteRest(in DataFrame frame, in FrameShape shape, DateTimeOffset at, int skipped)
    {
        var reader = _scratch.Read(frame, shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (feed.IsOfKey(fields, _key) && skipped-- <= 0)
                queue.Write([.. "0|"u8, .. _trId, .. "|1|"u8, .. fields.Text], shape with { Count = 1, HasSurplusSeparator = false }, at);
        }
    }

    private void WriteGap(DateTimeOffset to)
    {
        if (_gap is not { } gap)
            return;
        _gap = null;
        queue.AddUpstreamGap(gap.EndingBefore(to));
    }

    private void WriteMalformed(DateTimeOffset at, in FrameError error, byte[] raw)
    {
        WriteGap(at);
        queue.Write(new MalformedFrame { Error = error, Raw = raw, ReceivedAt = at, Feed = feed, Key = key });
        Advance(at, 1);
    }

    private void Advance(DateTimeOffset at, int records)
    {
        _recordsAtLast = at == _lastAt ? _recordsAtLast + records : records;
        _lastAt = at;
    }

    private StreamNotice? ReadEvent(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return ReadEvent(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null; // Not of a form that this version knows.
        }
    }

    private StreamNotice? ReadEvent(JsonElement line)
    {
        var at = line.GetProperty("at"u8).GetDateTimeOffset();
        switch (line.GetProperty("event"u8).GetString())
        {
            case "gap":
                AddGap(line, at);
                return null;
            case "frame":
                ReadFrame(at, line.GetProperty("base64"u8).GetBytesFromBase64());
                return null;
            case "day":
                _statedDay = DayIn(line);
                return null;
            case "interrupted":
                queue.Interrupt(ReasonIn(line), at, isUpstream: true);
                return null;
            case "malformed":
                if (SkippedOf(at, 1) == 0)
                    WriteMalformed(at, new FrameError(KindIn(line), 0), []);
                return null;
            case "history":
                if (start.Before is not null || start.TimeOfDay is not null)
                    _beginsAt ??= line.GetProperty("history"u8).GetProperty("from"u8).GetDateTimeOffset();
                return null;
            case "live":
                queue.WriteMarker(new LiveBegins { At = line.GetProperty("live"u8).GetProperty("at"u8).GetDateTimeOffset() });
                return new StreamNotice(StreamNoticeKind.Live);
            case "subscribed":
                return new StreamNotice(StreamNoticeKind.Subscribed);
            case "refused":
                var refused = line.GetProperty("refused"u8);
                return new StreamNotice(StreamNoticeKind.Refused, refused.TryGetProperty("code"u8, out var code) ? code.GetString() : null, refused.GetProperty("reason"u8).GetString());
            case "end":
                return new StreamNotice(StreamNoticeKind.End, Text: line.GetProperty("end"u8).GetProperty("reason"u8).GetString());
            default:
                return null;
        }
    }

    private void AddGap(JsonElement line, DateTimeOffset at)
    {
        var gap = new Gap { Reason = ReasonIn(line), From = TimeIn(line, "from"u8), To = TimeIn(line, "to"u8), Frames = line.TryGetProperty("frames"u8, out var frames) ? frames.GetInt64() : null };
        if (gap.To is null)
            queue.Interrupt(gap.Reason, at, isUpstream: true);
        _gap = _gap is null ? gap : _gap.Join(gap);
    }

    private static DateOnly? DayIn(JsonElement line) =>
        line.TryGetProperty("day"u8, out var day) ? DateOnly.ParseExact(day.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static DateTimeOffset? TimeIn(JsonElement line, ReadOnlySpan<byte> name) => line.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;

    private static GapReason ReasonIn(JsonElement line) => NameIn(line, "reason"u8, GapReason.ConnectionLost);

    private static FrameErrorKind KindIn(JsonElement line) => NameIn(line, "code"u8, FrameErrorKind.None);

    private static T NameIn<T>(JsonElement line, ReadOnlySpan<byte> name, T unknown)
        where T : struct, Enum =>
        line.TryGetProperty(name, out var text) && Enum.TryParse<T>(text.GetString(), ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : unknown;
}

/// <summary>What a line says of the stream itself.</summary>
/// <param name="Kind">What.</param>
/// <param name="Code">The broker's code, if there is one.</param>
/// <param name="Text">The reason, if there is one.</param>
internal sealed record StreamNotice(StreamNoticeKind Kind, string? Code = null, string? Text = null);

/// <summary>The kinds of notices.</summary>
internal enum StreamNoticeKind
{
    /// <summary>The stream has the key.</summary>
    Subscribed,

    /// <summary>The recorded data end.</summary>
    Live,

    /// <summary>The stream does not get the key, or no longer.</summary>
    Refused,

    /// <summary>The gateway ends the stream.</summary>
    End,
}

/// <summary>
/// Reads the times at the start of lines, of which most are in the same minute as the one before. A mutable struct: keep it in a field, do not copy
/// it.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct LineTime
{
    /// <summary>The length of a time, e.g. <c>2026-11-20T00:00:01.1234567Z</c>.</summary>
    public const int Length = 28;

    private const int MinuteLength = 17;
    private const int SecondLength = 2;

    private byte[]? _minute;
    private long _minuteTicks;

    /// <summary>Reads the time of a line with a frame, which follows it after a blank.</summary>
    public bool TryRead(ReadOnlySpan<byte> line, out DateTimeOffset time)
    {
        time = default;
        if (line.Length <= Length || line[Length] != (byte)' ' || line[Length - 1] != (byte)'Z')
            return false;
        if (_minute is not null
            && line[..MinuteLength].SequenceEqual(_minute)
            && line[MinuteLength + SecondLength] == (byte)'.'
            && TryReadDigits(line.Slice(MinuteLength, SecondLength), out var seconds)
            && seconds < 60
            && TryReadDigits(line[(MinuteLength + SecondLength + 1)..(Length - 1)], out var ticks))
        {
            time = new DateTimeOffset(_minuteTicks + (seconds * TimeSpan.TicksPerSecond) + ticks, TimeSpan.Zero);
            return true;
        }

        if (!Utf8Parser.TryParse(line[..Length], out time, out var length, 'O') || length != Length)
            return false;
        _minute = line[..MinuteLength].ToArray();
        _minuteTicks = time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute);
        return true;
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            number = (number * 10) + (digit - (byte)'0');
        }

        return true;
    }
}
