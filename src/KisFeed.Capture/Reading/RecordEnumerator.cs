using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Takes the items of a capture apart: into records, gaps, and what cannot be read, each in its place.</summary>
internal sealed class RecordEnumerator(FeedCatalog catalog, IRecordSink sink)
{
    private readonly GapTracker _gaps = new(catalog);
    private readonly RecordReaderBuffer _scratch = new();
    private bool _hasToldOfUnfollowed;

    /// <summary>Goes through a capture.</summary>
    /// <param name="reader">The capture.</param>
    /// <param name="sink">Takes what is in it.</param>
    /// <param name="progress">Told now and then how many bytes have been read.</param>
    /// <param name="pause">Called now and then, for the sink to pass on what it has gathered.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(CaptureReader reader, IRecordSink sink, IProgress<long>? progress, Func<CancellationToken, ValueTask>? pause, CancellationToken cancellationToken)
    {
        const int Often = 256;
        var walk = new RecordEnumerator(reader.Options.Catalog, sink);
        var items = 0;
        await foreach (var item in reader.ReadItemsAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            walk.Take(item);
            if (pause is not null && ++items % Often == 0)
                await pause(cancellationToken).ConfigureAwait(false);
        }

        walk.End();
    }

    public void Take(in CaptureItem item)
    {
        if (item.Problem is { } problem)
        {
            _gaps.Take(problem, item.File);
            sink.Problem(problem, item.File);
        }
        else if (item.Event is { } happened)
        {
            _gaps.Take(happened);
            sink.Event(happened);
        }
        else
        {
            sink.Frame(item.File, item.Frame);
            Take(item.File, item.Frame);
        }

        if (_gaps.HasUnfollowed && !_hasToldOfUnfollowed)
            TellOfUnfollowed(item.File);
    }

    /// <summary>The capture has ended.</summary>
    public void End()
    {
        foreach (var (feed, name, gap) in _gaps.TakeLast())
            sink.Gap(feed, Encoding.UTF8.GetBytes(name), gap);
    }

    private void TellOfUnfollowed(CaptureFile file)
    {
        _hasToldOfUnfollowed = true;
        var message = $"{file.Path} has more keys than any recording: {GapTracker.Limit}, and of those beyond no gaps are told; read fewer files, feeds or keys at a time";
        sink.Problem(new CaptureProblem(CaptureProblemKind.TooManyKeys, message) { Path = file.Path }, file);
    }

    private void Take(CaptureFile file, in Frame received)
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
            if (!sink.Wants(feed, key))
                continue;
            var isFollowed = _gaps.TryPass(feed, key, fields, received.ReceivedAt, out var gap);
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
