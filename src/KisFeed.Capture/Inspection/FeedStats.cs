using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Inspection;

internal sealed class FeedStats(string trId, FeedSchema? feed)
{
    private readonly Dictionary<byte[], KeyStats> _keys = new(Utf8KeyComparer.Instance);
    private long _frames;
    private long _second;
    private long _framesOfSecond;
    private long _secondsWithFrames;
    private long _busiestSecond;
    private long _busiestFrames;
    private DateTimeOffset? _firstAt;
    private DateTimeOffset? _lastAt;

    public long Records { get; set; }

    public long Malformed { get; set; }

    public long UnfollowedRecords { get; set; }

    public long WiderThanKnown { get; set; }

    public void AddFrame(DateTimeOffset at)
    {
        _frames++;
        _firstAt ??= at;
        _lastAt = at;
        var second = at.UtcTicks / TimeSpan.TicksPerSecond;
        if (second != _second)
            (_second, _framesOfSecond, _secondsWithFrames) = (second, 0, _secondsWithFrames + 1);
        if (++_framesOfSecond > _busiestFrames)
            (_busiestFrames, _busiestSecond) = (_framesOfSecond, second);
    }

    public KeyStats KeyOf(ReadOnlySpan<byte> key)
    {
        if (!_keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var stats))
            _keys.Add(key.ToArray(), stats = new KeyStats(Encoding.UTF8.GetString(key)));
        return stats;
    }

    public FeedReport Report() => new()
    {
        TrId = trId,
        IsNotice = feed?.IsNotice == true,
        IsUnknown = feed is null,
        Keys = [.. _keys.Values.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => key.Report())],
        Frames = _frames,
        Records = Records,
        Malformed = Malformed,
        UnfollowedRecords = UnfollowedRecords,
        WiderThanKnown = WiderThanKnown,
        FirstAt = _firstAt,
        LastAt = _lastAt,
        BusiestFrames = _busiestFrames,
        BusiestAt = _busiestFrames > 0 ? new DateTimeOffset(_busiestSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero) : null,
        SecondsWithFrames = _secondsWithFrames,
    };
}

internal sealed class FileStats
{
    private readonly HashSet<CaptureProblemKind> _problems = [];

    public long Frames { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    public bool IsTorn => _problems.Contains(CaptureProblemKind.TornTail);

    /// <summary>Whether data is missing elsewhere than at its end.</summary>
    public bool IsDamaged => _problems.Any(
        kind => kind is not (CaptureProblemKind.TornTail or CaptureProblemKind.MalformedLine or CaptureProblemKind.TooManyKeys));

    public void AddFrame(DateTimeOffset at)
    {
        Frames++;
        LastAt = at;
    }

    public void Add(CaptureProblemKind kind) => _problems.Add(kind);
}
