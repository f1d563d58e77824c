namespace KisFeed.Client;

/// <summary>
/// Totals of all subscriptions to one feed, including ended ones. Only rare events are counted here; per-frame counts are
/// kept where the frames are handled.
/// </summary>
internal sealed class FeedTotals
{
    private readonly long[] _gaps = new long[Enum.GetValues<GapReason>().Length];
    private long _dropped;
    private long _undecodable;
    private long _handlerErrors;

    /// <summary>Frames dropped because a queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Records that could not be decoded.</summary>
    public long Undecodable => Interlocked.Read(ref _undecodable);

    /// <summary>Exceptions that callbacks threw.</summary>
    public long HandlerErrors => Interlocked.Read(ref _handlerErrors);

    public long Gaps(GapReason reason) => Interlocked.Read(ref _gaps[(int)reason]);

    /// <summary>Called by the sessions only, under their lock.</summary>
    public void CountDropped() => Volatile.Write(ref _dropped, _dropped + 1);

    public void CountUndecodable() => Interlocked.Increment(ref _undecodable);

    public void CountHandlerError() => Interlocked.Increment(ref _handlerErrors);

    public void CountGap(GapReason reason) => Interlocked.Increment(ref _gaps[(int)reason]);
}
