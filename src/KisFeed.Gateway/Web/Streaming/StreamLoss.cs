namespace KisFeed.Gateway;

/// <summary>What a stream did not get of one key because it did not keep up. Under the lock of its <see cref="StreamQueue"/>.</summary>
internal sealed class StreamLoss
{
    private long _records;
    private GapReason? _reason;

    /// <summary>Whether a gap is to be told, for which there is a place in the queue.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The last record of the key that the stream got.</summary>
    public StreamItem? Last { get; set; }

    /// <summary>The place in the queue of the newest record of the key, while the queue is looked through.</summary>
    public int Newest { get; set; } = -1;

    /// <summary>An item of the key is dropped. A gap that is dropped lives on in the reason of the one that is told.</summary>
    /// <returns>How many records the stream loses by it.</returns>
    public long Add(StreamItem item)
    {
        IsOpen = true;
        switch (item.Event)
        {
            case Gap gap:
                _records += gap.Frames ?? 0;
                Note(gap.Reason);
                return 0;
            case Interruption interruption:
                Note(interruption.Reason);
                return 0;
            default:
                _records++;
                return 1;
        }
    }

    /// <summary>The gap that stands in the place of what was dropped, and the end of it.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="next">The first record behind it; <see langword="null"/> where there is none yet.</param>
    public Gap Close(FeedChannels feed, StreamItem? next)
    {
        var gap = new Gap
        {
            From = Last?.ReceivedAt,
            To = next?.ReceivedAt,
            Reason = _reason ?? GapReason.QueueOverflow,
            Frames = _records == 0 ? null : _records,
            MissedVolume = MissedVolume.Between(feed, Last, next),
        };
        IsOpen = false;
        _records = 0;
        _reason = null;
        return gap;
    }

    private void Note(GapReason reason)
    {
        if (reason != GapReason.QueueOverflow)
            _reason ??= reason;
    }
}
