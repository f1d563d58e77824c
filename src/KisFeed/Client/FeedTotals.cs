namespace KisFeed;

/// <summary>
/// What all subscriptions to one feed have met, those that have ended included. Everything counted here is rare: what happens with each frame is
/// counted where it happens.
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

    /// <summary>Gaps that consumers were told of.</summary>
    public long Gaps(GapReason reason) => Interlocked.Read(ref _gaps[(int)reason]);

    /// <summary>Told by the sessions' side, under their lock.</summary>
    public void CountDropped() => Volatile.Write(ref _dropped, _dropped + 1);

    public void CountUndecodable() => Interlocked.Increment(ref _undecodable);

    public void CountHandlerError() => Interlocked.Increment(ref _handlerErrors);

    public void CountGap(GapReason reason) => Interlocked.Increment(ref _gaps[(int)reason]);
}
