namespace KisFeed.Client;

/// <summary>
/// Notices that the process did not run for a while: it was stopped, or the machine was suspended. It must be called at least every
/// <see cref="Interval"/>; a call that follows much later ends a pause. Guarded by the lock of the client's sessions.
/// </summary>
/// <param name="clock">A clock that continues while the process does not run; <see langword="null"/> to notice nothing.</param>
internal sealed class PauseDetector(TimeProvider? clock)
{
    /// <summary>How often to call <see cref="Check"/> at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A busy machine delays a timer too, but not for so long.
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(5);

    private long _lastAt = clock?.GetTimestamp() ?? 0;

    /// <summary>The process runs. Returns for how long it has not, if that was a pause.</summary>
    public TimeSpan? Check()
    {
        if (clock is null)
            return null;
        var now = clock.GetTimestamp();
        var since = clock.GetElapsedTime(_lastAt, now);
        _lastAt = now;
        return since < s_shortest ? null : since;
    }
}
