namespace KisFeed.Soak;

/// <summary>Options of a soak.</summary>
internal sealed record SoakOptions
{
    /// <summary>The measured time with faults, without warm-up and recovery.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Approximate number of data frames per second, compensated for losses by faults. The actual number is measured.</summary>
    public required double Rate { get; init; }

    /// <summary>The seed of the market and the faults.</summary>
    public required int Seed { get; init; }

    /// <summary>The number of app keys and sessions: 1 to 3.</summary>
    public required int Sessions { get; init; }

    /// <summary>Whether the figures are printed as JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>The time with faults before the measurement, so that code is compiled and pools are filled.</summary>
    public TimeSpan WarmUp => Duration / 10 < s_longestWarmUp ? Duration / 10 : s_longestWarmUp;

    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromMinutes(1);
}
