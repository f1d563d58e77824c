namespace KisFeed.Session;

/// <summary>Delays that double with each consecutive failure.</summary>
internal static class Backoff
{
    // More doublings exceed any limit.
    private const int MaxDoublings = 30;

    /// <summary>The delay after a failure.</summary>
    /// <param name="first">The delay after the first failure.</param>
    /// <param name="earlier">The number of consecutive failures before this one.</param>
    /// <param name="longest">The longest delay, unless <paramref name="first"/> is longer.</param>
    public static TimeSpan After(TimeSpan first, int earlier, TimeSpan longest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(earlier);
        var doubled = first.Ticks * Math.Pow(2, Math.Min(earlier, MaxDoublings));
        return TimeSpan.FromTicks((long)Math.Min(doubled, Math.Max(first.Ticks, longest.Ticks)));
    }
}
