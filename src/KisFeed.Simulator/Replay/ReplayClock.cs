using System.Threading.Channels;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// The position of a replay in its capture. While it runs, it advances at the speed of the clock times a factor, whether or not frames are
/// sent in time, so a late replay catches up. Not thread-safe.
/// </summary>
/// <param name="speed">The factor; infinite if every frame is due immediately.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ReplayClock(double speed, TimeProvider timeProvider)
{
    // Limits the time of a single wait; callers ask again.
    private static readonly TimeSpan s_maxWait = TimeSpan.FromHours(1);

    private TimeSpan _position;
    private long? _since;

    private TimeSpan Position => _since is { } since ? _position + (timeProvider.GetElapsedTime(since) * speed) : _position;

    public void Rewind()
    {
        _position = TimeSpan.Zero;
        _since = null;
    }

    public void Start() => _since ??= timeProvider.GetTimestamp();

    public void Stop()
    {
        if (!double.IsPositiveInfinity(speed))
            _position = Position;
        _since = null;
    }

    /// <summary>
    /// The time until a position is reached: zero if it has been reached, otherwise whole milliseconds, at most one hour.
    /// </summary>
    public TimeSpan Until(TimeSpan position)
    {
        if (double.IsPositiveInfinity(speed))
            return TimeSpan.Zero;
        var milliseconds = Math.Ceiling((position - Position).TotalMilliseconds / speed);
        return milliseconds <= 0 ? TimeSpan.Zero
            : milliseconds < s_maxWait.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds)
            : s_maxWait;
    }
}

/// <summary>Lets one task sleep until it is woken or a time has passed. A wake-up while the task is awake ends its next sleep.</summary>
internal sealed class AsyncWakeTimer : IDisposable
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    public AsyncWakeTimer(TimeProvider timeProvider) =>
        _timer = timeProvider.CreateTimer(
            static state => ((AsyncWakeTimer)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Wake() => _calls.Writer.TryWrite(true);

    /// <summary>Wakes the task once after this time. Replaces an earlier call.</summary>
    public void WakeAfter(TimeSpan time) => _timer.Change(time, Timeout.InfiniteTimeSpan);

    public async ValueTask SleepAsync(CancellationToken cancellationToken) =>
        await _calls.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    public void Dispose() => _timer.Dispose();
}
