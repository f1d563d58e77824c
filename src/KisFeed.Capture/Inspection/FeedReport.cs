using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Inspection;

/// <summary>The content of a capture for one feed.</summary>
public sealed class FeedReport
{
    /// <summary>Replaces TR IDs that are not counted separately: missing or too long ones, and unknown ones beyond a limit.</summary>
    public const string NoFeed = "?";

    private readonly Dictionary<byte[], KeyReport> _keys = new(Utf8KeyComparer.Instance);
    private long _second;
    private long _framesOfSecond;

    internal FeedReport(string trId, FeedSchema? feed)
    {
        TrId = trId;
        IsNotice = feed?.IsNotice == true;
        IsUnknown = feed is null;
    }

    /// <summary>The TR ID, or <see cref="NoFeed"/>.</summary>
    public string TrId { get; }

    /// <summary>Whether it is a feed of order notices, whose keys are HTS IDs.</summary>
    public bool IsNotice { get; }

    /// <summary>Whether the feed is unknown, so that its records cannot be read.</summary>
    public bool IsUnknown { get; }

    /// <summary>
    /// The keys, in order. If there are too many, this is reported as a problem, and the records of the others are counted
    /// in <see cref="UnfollowedRecords"/>.
    /// </summary>
    public IReadOnlyList<KeyReport> Keys { get; private set; } = [];

    /// <summary>Frames, readable or not; if keys are selected, only frames with their records and unreadable frames.</summary>
    public long Frames { get; private set; }

    /// <summary>Readable records.</summary>
    public long Records { get; internal set; }

    /// <summary>Unreadable frames and records.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Records of keys that are not in <see cref="Keys"/>, because there are too many.</summary>
    public long UnfollowedRecords { get; internal set; }

    /// <summary>Frames whose records have more columns than any known layout; a layout file can name them.</summary>
    public long WiderThanKnown { get; internal set; }

    internal static ReadOnlySpan<byte> NoFeedBytes => "?"u8;

    /// <summary>The receive time of the first frame.</summary>
    public DateTimeOffset? FirstAt { get; private set; }

    /// <summary>The receive time of the last frame.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>The maximum number of frames received within one second.</summary>
    public long BusiestFrames { get; private set; }

    /// <summary>The second with <see cref="BusiestFrames"/>.</summary>
    public DateTimeOffset? BusiestAt { get; private set; }

    /// <summary>The number of seconds in which frames were received.</summary>
    public long SecondsWithFrames { get; private set; }

    /// <summary>The average number of frames per second, from the first to the last; 0 if they have the same time.</summary>
    public double MeanRate => LastAt > FirstAt ? Frames / (LastAt.Value - FirstAt.Value).TotalSeconds : 0;

    internal void AddFrame(DateTimeOffset at)
    {
        Frames++;
        FirstAt ??= at;
        LastAt = at;
        var second = at.UtcTicks / TimeSpan.TicksPerSecond;
        if (second != _second)
            (_second, _framesOfSecond, SecondsWithFrames) = (second, 0, SecondsWithFrames + 1);
        if (++_framesOfSecond > BusiestFrames)
            (BusiestFrames, BusiestAt) = (_framesOfSecond, new DateTimeOffset(second * TimeSpan.TicksPerSecond, TimeSpan.Zero));
    }

    internal KeyReport KeyOf(ReadOnlySpan<byte> key)
    {
        if (!_keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var report))
            _keys.Add(key.ToArray(), report = new KeyReport(Encoding.UTF8.GetString(key)));
        return report;
    }

    internal FeedReport Complete()
    {
        Keys = [.. _keys.Values.OrderBy(key => key.Key, StringComparer.Ordinal)];
        return this;
    }
}
