using System.Text;
using KisFeed.Capture.Reading;
using KisFeed.Wire;

namespace KisFeed.Capture.Inspection;

internal sealed class InspectionSink(FeedCatalog catalog, RecordFilter filter) : ICaptureSink
{
    // The limits of separately counted unknown TR IDs and events.
    private const int MaxUnknown = 100;
    private const int MaxNameLength = 32;

    private readonly Dictionary<byte[], FeedReport> _feeds = new(TrIdComparer.Instance);
    private readonly Dictionary<string, FileReport> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _events = new(StringComparer.Ordinal);
    private readonly List<GapReport> _gaps = [];
    private readonly List<CaptureProblem> _problems = [];
    private long _gapCount;
    private long _problemCount;
    private long _malformed;
    private readonly HashSet<CaptureEvent> _simultaneous = [];
    private DateTimeOffset _eventAt;
    private FeedReport? _current;
    private DateTimeOffset? _uncounted;

    public FileReport Of(CaptureFile file)
    {
        if (!_files.TryGetValue(file.Path, out var report))
            _files.Add(file.Path, report = new FileReport(file));
        return report;
    }

    public CaptureReport Report(IReadOnlyList<FileReport> files) => new()
    {
        Files = files,
        Feeds = [.. _feeds.Values.Select(feed => feed.Complete()).OrderBy(feed => feed.TrId, StringComparer.Ordinal)],
        Gaps = _gaps,
        GapCount = _gapCount,
        Events = _events,
        Problems = _problems,
        ProblemCount = _problemCount,
        Malformed = _malformed,
        AbsentFeeds = filter.AbsentFeeds,
        AbsentKeys = filter.AbsentKeys,
    };

    public bool Accepts(FeedSchema feed, ReadOnlySpan<byte> key) => filter.Matches(key);

    public void OnFrame(CaptureFile file, in Frame frame)
    {
        Of(file).AddFrame(frame.ReceivedAt);

        // Data that is not a frame counts for the file's feed.
        _current = DataFrame.TryParse(frame.Bytes.Span, out var parsed, out _)
            ? ReportOf(parsed.TrId)
            : ReportOf(Encoding.UTF8.GetBytes(file.TrId ?? FeedReport.NoFeed));
        _uncounted = frame.ReceivedAt;
        if (!filter.HasKeys)
            CountFrame();
    }

    public void OnRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        CountFrame();
        filter.MarkFound(feed, key);
        _current!.Records++;
        _current.KeyOf(key).AddRecord(receivedAt);
    }

    public void OnUnfollowedRecord(FeedSchema feed, ReadOnlySpan<byte> key, in RecordFields fields, DateTimeOffset receivedAt)
    {
        CountFrame();
        filter.MarkFound(feed, key);
        _current!.Records++;
        _current.UnfollowedRecords++;
    }

    public void OnGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        if (!Accepts(feed, key))
            return;
        _gapCount++;
        ReportOf(Encoding.ASCII.GetBytes(feed.TrId)).KeyOf(key).AddGap(gap);
        if (_gaps.Count < CaptureInspection.MaxListed)
            _gaps.Add(new GapReport(feed.TrId, Encoding.UTF8.GetString(key), gap));
    }

    public void OnMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        CountFrame();
        _malformed++;
        _current!.Malformed++;
    }

    public void OnEvent(CaptureEvent captureEvent)
    {
        if (IsDuplicate(captureEvent))
            return;
        var isCounted = _events.ContainsKey(captureEvent.Name) || (_events.Count < MaxUnknown && captureEvent.Name.Length <= MaxNameLength);
        var name = isCounted || captureEvent.Kind != CaptureEventKind.Unknown ? captureEvent.Name : "unknown";
        _events[name] = _events.GetValueOrDefault(name) + 1;
    }

    public void OnProblem(CaptureProblem problem, CaptureFile file)
    {
        Of(file).Add(problem.Kind);
        Add(problem);
    }

    public void OnUnknownWidth(FeedSchema feed, in FrameShape shape) => _current!.WiderThanKnown++;

    public void Add(CaptureProblem problem)
    {
        _problemCount++;
        if (_problems.Count < CaptureInspection.MaxListed)
            _problems.Add(problem);
    }

    // An event of a session is in each file that was open at that time. A header belongs to its file only.
    private bool IsDuplicate(CaptureEvent captureEvent)
    {
        if (captureEvent.Kind is CaptureEventKind.Capture or CaptureEventKind.Closed)
            return false;
        if (captureEvent.At != _eventAt)
            _simultaneous.Clear();
        _eventAt = captureEvent.At;
        return _simultaneous.Count < CaptureInspection.MaxListed ? !_simultaneous.Add(captureEvent) : _simultaneous.Contains(captureEvent);
    }

    // If keys are selected, only frames with their records count.
    private void CountFrame()
    {
        if (_uncounted is { } at)
            _current!.AddFrame(at);
        _uncounted = null;
    }

    private FeedReport ReportOf(ReadOnlySpan<byte> trId)
    {
        if (_feeds.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(trId, out var report))
            return report;
        var feed = catalog.TryGet(trId, out var known) ? known : null;
        if (feed is null
            && (_feeds.Count >= MaxUnknown + catalog.Feeds.Length || trId.Length > MaxNameLength)
            && !trId.SequenceEqual(FeedReport.NoFeedBytes))
        {
            return ReportOf(FeedReport.NoFeedBytes);
        }
        _feeds.Add(trId.ToArray(), report = new FeedReport(feed?.TrId ?? Encoding.UTF8.GetString(trId), feed));
        return report;
    }
}
