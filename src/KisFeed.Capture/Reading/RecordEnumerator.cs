using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Takes the items of a capture apart: into records, gaps, and what cannot be read, each in its place.</summary>
internal sealed class RecordEnumerator(FeedCatalog catalog, ICaptureSink sink)
{
    private readonly GapTracker _gaps = new(catalog);
    private readonly RecordReaderBuffer _scratch = new();
    private bool _hasReportedUnfollowed;

    /// <summary>Goes through a capture.</summary>
    /// <param name="reader">The capture.</param>
    /// <param name="sink">Takes what is in it.</param>
    /// <param name="progress">Told now and then how many bytes have been read.</param>
    /// <param name="pause">Called now and then, for the sink to pass on what it has gathered.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(CaptureReader reader, ICaptureSink sink, IProgress<long>? progress, Func<CancellationToken, ValueTask>? pause, CancellationToken cancellationToken)
    {
        const int PauseInterval = 256;
        var enumerator = new RecordEnumerator(reader.Options.Catalog, sink);
        var items = 0;
        await foreach (var item in reader.ReadItemsAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            enumerator.Process(item);
            if (pause is not null && ++items % PauseInterval == 0)
                await pause(cancellationToken).ConfigureAwait(false);
        }

        enumerator.Complete();
    }

    public void Process(in CaptureItem item)
    {
        if (item.Problem is { } problem)
        {
            _gaps.OnProblem(problem, item.File);
            sink.Problem(problem, item.File);
        }
        else if (item.Event is { } captureEvent)
        {
            _gaps.OnEvent(captureEvent);
            sink.Event(captureEvent);
        }
        else
        {
            sink.Frame(item.File, item.Frame);
            ReadRecords(item.File, item.Frame);
        }

        if (_gaps.HasUnfollowed && !_hasReportedUnfollowed)
            ReportUnfollowed(item.File);
    }

    /// <summary>The capture has ended.</summary>
    public void Complete()
    {
        foreach (var (feed, name, gap) in _gaps.DrainOpenGaps())
            sink.Gap(feed, Encoding.UTF8.GetBytes(name), gap);
    }

    private void ReportUnfollowed(CaptureFile file)
    {
        _hasReportedUnfollowed = true;
        var message = $"{file.Path} has more keys than any recording: {GapTracker.Limit}, and of those beyond no gaps are told; read fewer files, feeds or keys at a time";
        sink.Problem(new CaptureProblem(CaptureProblemKind.TooManyKeys, message) { Path = file.Path }, file);
    }

    private void ReadRecords(CaptureFile file, in Frame received)
    {
        var bytes = received.Bytes.Span;
        if (!TryRead(bytes, out var feed, out var reader, out var error))
        {
            // What cannot be read at all is of the feed whose file it stands in.
            if (feed is null && file.TrId is { } trId)
                _ = catalog.TryFind(trId, out feed);
            sink.Malformed(feed, default, received.ReceivedAt, error, bytes);
            return;
        }

        if (reader.Shape.IsUnknownWidth)
            sink.UnknownWidth(feed!, reader.Shape);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = FieldText.Trim(fields[feed!.KeyColumn]);
            if (!sink.Accepts(feed, key))
                continue;
            var isFollowed = _gaps.TryTrack(feed, key, fields, received.ReceivedAt, out var gap);
            if (gap is not null)
                sink.Gap(feed, key, gap);
            if (!RecordJson.TryCheck(feed, fields, out error))
                sink.Malformed(feed, key, received.ReceivedAt, error, fields.Text);
            else if (isFollowed)
                sink.Record(feed, key, fields, received.ReceivedAt);
            else
                sink.Unfollowed(feed, key, fields, received.ReceivedAt);
        }
    }

    private bool TryRead(ReadOnlySpan<byte> bytes, out FeedSchema? feed, out RecordReader reader, out FrameError error)
    {
        feed = null;
        reader = default;
        if (!DataFrame.TryParse(bytes, out var frame, out error))
            return false;
        if (!catalog.TryGet(frame.TrId, out feed))
        {
            error = new FrameError(FrameErrorKind.UnknownTrId, bytes.IndexOf((byte)'|') + 1);
            return false;
        }

        return PlainFrame.TryRead(feed, frame, _scratch, out reader, out error);
    }
}

/// <summary>Takes what a capture holds, in the order of receipt.</summary>
internal interface ICaptureSink
{
    /// <summary>Whether the records of a key are of interest; they are passed over otherwise, readable or not.</summary>
    bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key);

    /// <summary>A record whose every column can be read.</summary>
    void Record(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>
    /// The same of a key beyond those that are told apart, because there are too many, or because it is too long: no gaps of it are told. What is kept for each key
    /// is kept only for those of <see cref="Record"/> and <see cref="Gap"/>, whose number is bounded.
    /// </summary>
    void Unfollowed(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt);

    /// <summary>Data of a key are missing before the record that follows, or, where the gap has no end, before the end of the capture.</summary>
    void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    /// <summary>A frame that cannot be read, or a record of one.</summary>
    /// <param name="feed">The feed, where it is known.</param>
    /// <param name="key">The key of the record; empty for a whole frame.</param>
    /// <param name="receivedAt">When the frame was received.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="raw">The frame, or the record.</param>
    void Malformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    /// <summary>An event of the capture. Gaps are told by <see cref="Gap"/> besides, for each key and where its records go on.</summary>
    void Event(CaptureEvent captureEvent);

    /// <summary>A flaw of a file.</summary>
    void Problem(CaptureProblem problem, CaptureFile file);

    /// <summary>A frame begins, readable or not.</summary>
    void Frame(CaptureFile file, in Frame frame);

    /// <summary>Records are wider than any layout that is known.</summary>
    void UnknownWidth(FeedSchema feed, in FrameShape shape);
}

/// <summary>Which frames of a capture are read at all: as live, one that is not right is refused as a whole.</summary>
internal static class PlainFrame
{
    /// <summary>Begins before the first record of a frame.</summary>
    /// <param name="feed">The feed of the frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="scratch">Room for the reader.</param>
    /// <param name="reader">The reader.</param>
    /// <param name="error">What is wrong with it.</param>
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
