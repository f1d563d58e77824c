namespace KisFeed.Replay;

/// <summary>
/// How far a replay is in its capture: while it goes, as fast as the clock times the speed. Whoever is late finds it further on, and so catches
/// up. Not for several threads at once.
/// </summary>
/// <param name="speed">How many times as fast; infinite where everything is due at once.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ReplayClock(double speed, TimeProvider timeProvider)
{
    // No timer takes longer; whoever waits asks again.
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private TimeSpan _position;
    private long? _since;

    /// <summary>The time in the capture since its beginning.</summary>
    private TimeSpan Position => _since is { } since ? _position + (timeProvider.GetElapsedTime(since) * speed) : _position;

    /// <summary>Goes back to the beginning and stands.</summary>
    public void Rewind()
    {
        _position = TimeSpan.Zero;
        _since = null;
    }

    /// <summary>Goes on, if it stands.</summary>
    public void Go() => _since ??= timeProvider.GetTimestamp();

    /// <summary>Stands where it is.</summary>
    public void Stop()
    {
        if (!double.IsPositiveInfinity(speed))
            _position = Position;
        _since = null;
    }

    /// <summary>How long it takes to come to a place in the capture: zero once it is there, else whole milliseconds, an hour at most.</summary>
    public TimeSpan Until(TimeSpan position)
    {
        if (double.IsPositiveInfinity(speed))
            return TimeSpan.Zero;
        var milliseconds = Math.Ceiling((position - Position).TotalMilliseconds / speed);
        return milliseconds <= 0 ? TimeSpan.Zero : milliseconds < s_longest.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : s_longest;
    }
}
