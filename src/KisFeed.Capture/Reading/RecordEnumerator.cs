using System.Text;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Splits the items of a capture into records, gaps, and unreadable data, each in its place.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="sink">Receives the content.</param>
/// <param name="checksColumns">Whether records with unreadable columns are reported as malformed. Otherwise they are records like others.</param>
internal sealed class RecordEnumerator(FeedCatalog catalog, ICaptureSink sink, bool checksColumns = true)
{
    private readonly GapTracker _gaps = new(catalog);
    private readonly RecordReaderBuffer _scratch = new();
    private bool _hasReportedUnfollowed;

    public void Process(in CaptureItem item)
    {
        if (item.Problem is { } problem)
        {
            _gaps.OnProblem(problem, item.File);
            sink.OnProblem(problem, item.File);
        }
        else if (item.Event is { } captureEvent)
        {
            _gaps.OnEvent(captureEvent);
            sink.OnEvent(captureEvent);
        }
        else
        {
            sink.OnFrame(item.File, item.Frame);
            ReadRecords(item.File, item.Frame);
        }

        if (_gaps.HasUnfollowed && !_hasReportedUnfollowed)
            ReportUnfollowed(item.File);
    }

    public void Complete()
    {
        foreach (var (feed, name, gap) in _gaps.DrainOpenGaps())
            sink.OnGap(feed, Encoding.UTF8.GetBytes(name), gap);
    }

    private void ReportUnfollowed(CaptureFile file)
    {
        _hasReportedUnfollowed = true;
        var message = $"{file.Path} has more keys than any recording: {GapTracker.Limit}, and gaps of other keys are not reported; read fewer files, feeds or keys at a time";
        sink.OnProblem(new CaptureProblem(CaptureProblemKind.TooManyKeys, message) { Path = file.Path }, file);
    }

    private void ReadRecords(CaptureFile file, in Frame received)
    {
        var bytes = received.Bytes.Span;
        if (!TryRead(received, out var feed, out var reader, out var error))
        {
            // An unreadable frame counts as one of the file's feed.
            if (feed is null && file.TrId is { } trId)
                _ = catalog.TryFind(trId, out feed);
            sink.OnMalformed(feed, default, received.ReceivedAt, error, bytes);
            return;
        }

        if (reader.Shape.IsUnknownWidth)
            sink.OnUnknownWidth(feed!, reader.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = feed!.KeyOf(fields);
            if (!sink.Accepts(feed, key))
                continue;
            var isFollowed = _gaps.TryTrack(feed, key, fields, received.ReceivedAt, out var gap);
            if (gap is not null)
                sink.OnGap(feed, key, gap);
            if (checksColumns && !RecordJson.TryCheck(feed, fields, out error))
                sink.OnMalformed(feed, key, received.ReceivedAt, error, fields.Text);
            else if (isFollowed)
                sink.OnRecord(feed, key, fields, received.ReceivedAt);
            else
                sink.OnUnfollowedRecord(feed, key, fields, received.ReceivedAt);
        }
    }

    private bool TryRead(in Frame received, out FeedSchema? feed, out RecordReader reader, out FrameError error)
    {
        feed = null;
        reader = default;
        if (!DataFrame.TryParse(received, out var frame, out error))
            return false;
        if (!catalog.TryGet(frame.TrId, out feed))
        {
            error = new FrameError(FrameErrorKind.UnknownTrId, frame.Bytes.IndexOf((byte)'|') + 1);
            return false;
        }

        return PlainFrame.TryRead(feed, frame, _scratch, out reader, out error);
    }
}

/// <summary>Receives the content of a capture, in the order of receipt.</summary>
internal interface ICaptureSink
{
    /// <summary>Whether the sink accepts the records of a key. Other records are skipped, readable or not.</summary>
    bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key);

    /// <summary>A record with all columns readable.</summary>
    void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>
    /// A record of a key that is not tracked, because there are too many keys or the key is too long. Its gaps are not reported. Sinks keep state only for the keys
    /// of <see cref="OnRecord"/> and <see cref="OnGap"/>, whose number is bounded.
    /// </summary>
    void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>Data of a key is missing before the next record, or, if the gap has no end, at the end of the capture.</summary>
    void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    /// <summary>An unreadable frame or record.</summary>
    /// <param name="feed">The feed, if known.</param>
    /// <param name="key">The key of the record; empty for a whole frame.</param>
    /// <param name="receivedAt">The receive time of the frame.</param>
    /// <param name="error">The error.</param>
    /// <param name="raw">The frame, or the record.</param>
    void OnMalformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    /// <summary>An event of the capture. Gaps are also reported by <see cref="OnGap"/>, for each key at its next record.</summary>
    void OnEvent(CaptureEvent captureEvent);

    void OnProblem(CaptureProblem problem, CaptureFile file);

    /// <summary>A frame begins, readable or not.</summary>
    void OnFrame(CaptureFile file, in Frame frame);

    /// <summary>Records have more columns than any known layout.</summary>
    void OnUnknownWidth(FeedSchema feed, in FrameShape shape);
}

/// <summary>Validates frames of a capture as for live frames: an invalid frame is rejected as a whole.</summary>
internal static class PlainFrame
{
    /// <summary>Opens a reader before the first record of a frame.</summary>
    /// <param name="feed">The feed of the frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="scratch">The buffer for the reader.</param>
    /// <param name="reader">The reader.</param>
    /// <param name="error">The error, if the frame is not valid.</param>
    public static bool TryRead(FeedSchema feed, scoped in DataFrame frame, RecordReaderBuffer scratch, out RecordReader reader, out FrameError error)
    {
        reader = default;
        if (frame.IsEncrypted)
        {
            error = new FrameError(FrameErrorKind.NoNoticeKey, frame.PayloadOffset);
            return false;
        }

        var invalid = Utf8Text.IndexOfInvalid(frame.Payload);
        if (invalid >= 0)
        {
            error = new FrameError(FrameErrorKind.InvalidUtf8, frame.PayloadOffset + invalid);
            return false;
        }

        return scratch.TryRead(feed, frame, out reader, out error);
    }
}
