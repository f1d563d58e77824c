namespace KisFeed.Session;

/// <summary>What a session has received of one feed, over all its connections.</summary>
internal sealed class FeedCounters
{
    public long Frames { get; private set; }

    /// <summary>Records in frames that could be read.</summary>
    public long Records { get; set; }

    public long Bytes { get; private set; }

    /// <summary>Frames that could not be read.</summary>
    public long Malformed { get; set; }

    public void Frame(int bytes)
    {
        Frames++;
        Bytes += bytes;
    }
}
