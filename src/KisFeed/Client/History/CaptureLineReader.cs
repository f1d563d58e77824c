using System.Text;
using System.Text.Json;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Client.History;

/// <summary>
/// Reads the lines of a gateway's stream of one key into the queue of a subscription, over any number of connections: each record
/// once. Used by one thread at a time.
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
    public StreamNotice? Read(ReadOnlyMemory<byte> message)
    {
        StreamNotice? notice = null;
        while (!message.IsEmpty)
        {
            var end = message.Span.IndexOf((byte)'\n');
            var text = end < 0 ? message : message[..end];
            message = end < 0 ? default : message[(end + 1)..];
            if (!CaptureLine.TryRead(text, out var line))
                continue;
            if (line.Event is { } captureEvent)
                notice = ReadEvent(captureEvent, text) ?? notice;
            else
                ReadFrame(line.At, line.Frame.Span);
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

    private StreamNotice? ReadEvent(CaptureEvent line, ReadOnlyMemory<byte> text)
    {
        switch (line.Kind)
        {
            case CaptureEventKind.Gap:
                AddGap(line);
                return null;
            case CaptureEventKind.Day:
                _statedDay = line.Day;
                return null;
            case CaptureEventKind.Interrupted:
                queue.Interrupt(line.Reason ?? GapReason.ConnectionLost, line.At, isUpstream: true);
                return null;
            case CaptureEventKind.Malformed:
                if (SkippedOf(line.At, 1) == 0)
                    WriteMalformed(line.At, new FrameError(JsonName.ValueOf<FrameErrorKind>(line.Code) ?? FrameErrorKind.None, 0), []);
                return null;
            default:
                return TryReadNotice(line.Name, text);
        }
    }

    // Like other events, one with a text that is not Unicode is ignored.
    private StreamNotice? TryReadNotice(string name, ReadOnlyMemory<byte> text)
    {
        try
        {
            return ReadNotice(name, text);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // The gateway's events about the stream itself, with their content in a member of the same name. Files do not contain them.
    private StreamNotice? ReadNotice(string name, ReadOnlyMemory<byte> text)
    {
        using var document = JsonDocument.Parse(text[1..]);
        if (!document.RootElement.TryGetProperty(name, out var content) || content.ValueKind != JsonValueKind.Object)
            return null;
        switch (name)
        {
            case "history":
                if (start.Before is not null || start.TimeOfDay is not null)
                    _beginsAt ??= TimeIn(content, "from"u8);
                return null;
            case "live" when TimeIn(content, "at"u8) is { } at:
                queue.WriteMarker(new LiveBegins { At = at });
                return new StreamNotice(StreamNoticeKind.Live);
            case "subscribed":
                return new StreamNotice(StreamNoticeKind.Subscribed);
            case "refused":
                return new StreamNotice(StreamNoticeKind.Refused, TextIn(content, "code"u8), TextIn(content, "reason"u8));
            case "end":
                return new StreamNotice(StreamNoticeKind.End, Text: TextIn(content, "reason"u8));
            default:
                return null;
        }
    }

    private void AddGap(CaptureEvent line)
    {
        var gap = new Gap { Reason = line.Reason ?? GapReason.ConnectionLost, From = line.From, To = line.To, Frames = line.Frames };
        if (gap.To is null)
            queue.Interrupt(gap.Reason, line.At, isUpstream: true);
        _gap = _gap is null ? gap : _gap.Join(gap);
    }

    private static DateTimeOffset? TimeIn(JsonElement content, ReadOnlySpan<byte> name) =>
        content.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.TryGetDateTimeOffset(out var time)
            ? time
            : null;

    private static string? TextIn(JsonElement content, ReadOnlySpan<byte> name) =>
        content.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}

/// <summary>What a line says of the stream itself.</summary>
/// <param name="Kind">What.</param>
/// <param name="Code">The broker's code, if there is one.</param>
/// <param name="Text">The reason, if there is one.</param>
internal sealed record StreamNotice(StreamNoticeKind Kind, string? Code = null, string? Text = null);

internal enum StreamNoticeKind
{
    Subscribed,

    /// <summary>The recorded data end.</summary>
    Live,

    /// <summary>The stream does not get the key, or no longer.</summary>
    Refused,
    End,
}
