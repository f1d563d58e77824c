namespace KisFeed.Client;

/// <summary>
/// Gives the frames of a client times of receipt that increase from frame to frame, and its events times between them, so that a time
/// identifies a frame: a recording and a live stream can be joined by it. Used under the lock of the client's sessions.
/// </summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    /// <summary>A clock that goes back by more than this was set back; times then go back too.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private DateTimeOffset _lastFrame = DateTimeOffset.MinValue;

    /// <summary>The time of the messages that one read has returned.</summary>
    public DateTimeOffset ReadAt => time.GetUtcNow();

    /// <summary>
    /// The time of the next event: the current one, or that of the last frame if its time is later. The frames after it have later times.
    /// </summary>
    public DateTimeOffset EventAt()
    {
        var now = time.GetUtcNow();
        return IsLater(now, _last) ? _last = now : _last;
    }

    /// <summary>The time of the next frame: that of its read or of the event before, or 100 ns after the frame before.</summary>
    public DateTimeOffset Stamp(DateTimeOffset readAt)
    {
        var at = IsLater(readAt, _last) ? readAt : _last;
        return _lastFrame = _last = IsLater(at, _lastFrame) ? at : _lastFrame.AddTicks(1);
    }

    /// <summary>The time of the next event that another machine noticed, as <see cref="StampReceived"/>.</summary>
    /// <param name="at">When it was noticed.</param>
    public DateTimeOffset EventAt(DateTimeOffset at) => _last = Within(at);

    /// <summary>
    /// The time of the next frame that another machine received: the time there, but after all times here, and not in the future.
    /// </summary>
    public DateTimeOffset StampReceived(DateTimeOffset receivedAt) => Stamp(Within(receivedAt));

    private DateTimeOffset Within(DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        if (at > now)
            at = now;
        return at >= _last || _last - now > s_tolerance ? at : _last;
    }

    private static bool IsLater(DateTimeOffset at, DateTimeOffset than) => at > than || than - at > s_tolerance;
}
