using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.History;

/// <summary>A record of the past, or an event in its place.</summary>
internal sealed class HistoryItem
{
    /// <summary>The key; <see langword="null"/> for a malformed frame, whose key is unknown.</summary>
    public HistoryKey? Key { get; init; }

    /// <summary>The feed; <see langword="null"/> if it is unknown.</summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>When the frame was received.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The place behind the record; for an event, that of the item before it.</summary>
    public HistoryPosition Position { get; init; }

    /// <summary>A frame with this record alone; empty for an event.</summary>
    public byte[] Frame { get; init; } = [];

    /// <summary>The shape of <see cref="Frame"/>.</summary>
    public FrameShape Shape { get; init; }

    /// <summary>A gap or a malformed frame; <see langword="null"/> for a record.</summary>
    public FeedEvent? Event { get; init; }
}

/// <summary>A key whose past is read.</summary>
/// <param name="feed">The feed.</param>
/// <param name="key">The key.</param>
internal sealed class HistoryKey(FeedSchema feed, string key)
{
    public FeedSchema Feed => feed;

    public string Key => key;

    public HubKey HubKey => new(feed.TrId, key);

    /// <summary>Makes frames with one record each.</summary>
    public SingleRecordFrames Frames { get; } = new(feed.TrId);

    /// <summary>When the last record was received; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>Whether the key was not recorded for a while since the last record, or since the time from which the past is read.</summary>
    public bool IsUnrecorded { get; set; }

    /// <summary>Whether that was before the place from which the past is read, so that nobody knows since when.</summary>
    public bool IsUnrecordedBefore { get; set; }
}
