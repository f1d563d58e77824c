namespace KisFeed.Session;

/// <summary>
/// How a session that was lost is made anew. The broker blocks addresses and app keys that connect and drop in a loop, so delays grow, are
/// spread by chance, and start over only once data have arrived; attempts have a budget; and what waiting cannot mend ends in an open circuit:
/// no attempt more, and the reason said.
/// </summary>
public sealed record ReconnectPolicy
{
    /// <summary>The policy as it is when nothing is said.</summary>
    public static ReconnectPolicy Default { get; } = new();

    /// <summary>No second attempt: a session that is lost is over, and so are its streams.</summary>
    public static ReconnectPolicy Never { get; } = new() { IsEnabled = false };

    /// <summary>Whether a session is made anew at all. Default: yes.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The delay before the first attempt after a loss; each further one is twice as long. Default: 1 second.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay between two attempts, before jitter. Default: 60 seconds.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The part of each delay that chance adds at most, 0 to 1, so that clients that were dropped together do not return together. Default: 0.5.</summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>Attempts that one app key may make within any minute. Default: 6.</summary>
    public int AttemptsPerMinute { get; init; } = 6;

    /// <summary>Attempts that one app key may make within any hour. Default: 60.</summary>
    public int AttemptsPerHour { get; init; } = 60;

    /// <summary>
    /// Connections in a row that the service may turn down, or end before they have brought data or stood for
    /// <see cref="StableAfter"/>, until the circuit opens. A service that cannot be reached does not count. Default: 10.
    /// </summary>
    public int MaxFailedConnections { get; init; } = 10;

    /// <summary>How long a connection must have stood to count as one that works, although no data came. Default: 5 minutes.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The delay after <c>OPSP8996</c>, another session holds the app key; each further one is twice as long, up to four times this. The service
    /// may hold a dead session for a while. Default: 30 seconds.
    /// </summary>
    public TimeSpan AppKeyInUseDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after the first <c>OPSP8996</c> in a row the circuit opens. Default: 10 minutes.</summary>
    public TimeSpan AppKeyInUseTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What cannot be used in it, and what it must be.</summary>
    internal (string Option, string Text)? Problem
    {
        get
        {
            if (!IsDelay(InitialDelay))
                return (nameof(InitialDelay), "must be positive and at most a day");
            if (!IsDelay(MaxDelay) || MaxDelay < InitialDelay)
                return (nameof(MaxDelay), $"must be at least {nameof(InitialDelay)} and at most a day");
            if (Jitter is not (>= 0 and <= 1))
                return (nameof(Jitter), "must be from 0 to 1");
            if (AttemptsPerMinute < 1)
                return (nameof(AttemptsPerMinute), "must be at least 1");
            if (AttemptsPerHour < 1)
                return (nameof(AttemptsPerHour), "must be at least 1");
            if (MaxFailedConnections < 1)
                return (nameof(MaxFailedConnections), "must be at least 1");
            if (!IsDelay(StableAfter))
                return (nameof(StableAfter), "must be positive and at most a day");
            if (!IsDelay(AppKeyInUseDelay))
                return (nameof(AppKeyInUseDelay), "must be positive and at most a day");
            return AppKeyInUseTimeout >= TimeSpan.Zero ? null : (nameof(AppKeyInUseTimeout), "must not be negative");
        }
    }

    private static bool IsDelay(TimeSpan value) => value > TimeSpan.Zero && value <= TimeSpan.FromDays(1);
}
