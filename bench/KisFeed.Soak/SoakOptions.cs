namespace KisFeed.Soak;

/// <summary>What a soak is asked for.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long faults are made while everything is measured; warming up and coming to rest are not in it.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Data frames a second that are to arrive, what is lost by faults made up for; about. What does arrive is measured.</summary>
    public required double Rate { get; init; }

    /// <summary>What the market and the faults come from.</summary>
    public required int Seed { get; init; }

    /// <summary>App keys, and so sessions: 1 to 3.</summary>
    public required int Sessions { get; init; }

    /// <summary>Whether the figures are printed as JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>How long faults are made before anything is measured, so that code is compiled and pools are filled.</summary>
    public TimeSpan WarmUp => Duration / 10 < s_longestWarmUp ? Duration / 10 : s_longestWarmUp;

    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromMinutes(1);
}
