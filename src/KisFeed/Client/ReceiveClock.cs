namespace KisFeed.Client;

/// <summary>
/// Gives the frames of a client times of receipt that increase from frame to frame, and its events times between them, so that a time identifies a frame: a recording and a
/// live stream can be joined by it. Used under the lock of the client's sessions.
/// </summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    /// <summary>A clock that goes back by more than this was set back; times then go back too.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>The time of the messages that one read has returned.</summary>
    public DateTimeOffset ReadAt => time.GetUtcNow();

    /// <summary>The time of the next event: the current one, or that of the last frame if its time is later. The frames after it have later times.</summary>
    public DateTimeOffset EventAt()
    {
        var now = time.GetUtcNow();
        return IsLater(now) ? _last = now : _last;
    }

    /// <summary>The time of the next frame: that of its read, or 100 ns after the frame or event before.</summary>
    /// <param name="readAt">The time of its read.</param>
    public DateTimeOffset Stamp(DateTimeOffset readAt) => _last = IsLater(readAt) ? readAt : _last.AddTicks(1);

    private bool IsLater(DateTimeOffset at) => at > _last || _last - at > s_tolerance;
}
