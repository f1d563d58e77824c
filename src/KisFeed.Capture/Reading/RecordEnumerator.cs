using System.Text;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Splits the items of a capture into records, gaps, and unreadable data, each in its place.</summary>
/// <param name="catalog">The feeds.</param>
/// <param name="sink">Receives the content.</param>
/// <param name="checksColumns">Whether records with unreadable columns are reported as malformed. Otherwise
/// they are records like others.</param>
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
        var message = $"{file.Path} has more keys than any recording: {GapTracker.Limit}, and gaps of other keys are not reported; "
            + "read fewer files, feeds or keys at a time";
        sink.OnProblem(new CaptureProblem(CaptureProblemKind.TooManyKeys, message) { Path = file.Path }, file);
    }

    private void ReadRecords(CaptureFile file, in Frame received)
    {
        var bytes = received.Bytes.Span;
        if (!PlainFrame.TryRead(catalog, received, _scratch, out var feed, out var reader, out var error))
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
}
