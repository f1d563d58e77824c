namespace KisFeed.Client;

/// <summary>
/// Stamps the frames of a client with times of receipt that increase from frame to frame, so that a time identifies a frame: a recording and a
/// live stream can be joined by it. Used under the lock of the client's sessions.
/// </summary>
internal sealed class ReceiveClock(TimeProvider time)
{
    /// <summary>A clock that goes back by more than this was set back; times then go back too.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(1);

    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>The time of the messages that one read has returned.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The time of the next frame: that of its read, or 100 ns after the frame before.</summary>
    public DateTimeOffset Stamp(DateTimeOffset read) =>
        _last = read > _last || _last - read > s_tolerance ? read : _last.AddTicks(1);
}
