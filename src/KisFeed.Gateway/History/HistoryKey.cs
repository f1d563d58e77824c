using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>A key whose past is read.</summary>
internal sealed class HistoryKey(FeedSchema feed, string key) : ItemKey(feed, key, new RecordVolumes(feed))
{
    public SingleRecordFrames Frames { get; } = new(feed.TrId);

    public DateTimeOffset? LastAt { get; set; }

    /// <summary>
    /// Whether the key was not recorded for a while since the last record, or since the time from which the past is read.
    /// </summary>
    public bool IsUnrecorded { get; set; }

    /// <summary>Whether that was before the position from which the past is read, so that nobody knows since when.</summary>
    public bool IsUnrecordedBefore { get; set; }
}
