namespace KisFeed;

/// <summary>
/// When a lost session reconnects. The broker blocks addresses and app keys that connect and drop in a loop. Therefore delays grow, have
/// random jitter, and reset only after data have arrived, and attempts have a budget. A session whose problem may pass is retried ever more
/// slowly, for ever or until <see cref="GiveUpAfter"/>. Credentials that the service refuses end it at once: only a person can change them.
/// </summary>
public sealed record ReconnectPolicy
{
    /// <summary>The default policy: what can pass is retried for ever.</summary>
    public static ReconnectPolicy Default { get; } = new();

    /// <summary>Never reconnects: a lost session is over, and so are its streams.</summary>
    public static ReconnectPolicy Never { get; } = new() { IsEnabled = false };

    /// <summary>Whether a lost session reconnects. Default: yes.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The delay before the first attempt after a loss; it doubles with each further attempt. Default: 1 second.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest delay, before jitter, while the service cannot be reached, and after a connection that worked. Default: 60 seconds.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest delay, before jitter, while the service can be reached but refuses the session, or while its connections end before
    /// data arrive and before <see cref="StableAfter"/>. A registration that the service cannot restore is retried with delays up to
    /// this one too. Default: 10 minutes.
    /// </summary>
    public TimeSpan MaxRefusedDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a session keeps trying after it last worked; <see langword="null"/> to keep trying for ever, as a process that runs
    /// unattended should. An attempt is made at this time; if it fails too, the session ends, and its streams with it. A registration that
    /// cannot be restored for this long is refused. Default: <see langword="null"/>.
    /// </summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>
    /// The maximum random part added to each delay, from 0 to 1 times the delay, so that clients dropped together do
    /// not return together. Default: 0.5.
    /// </summary>
    public double Jitter { get; init; } = 0.5;

    /// <summary>Maximum number of attempts with one app key within any minute. Default: 6.</summary>
    public int AttemptsPerMinute { get; init; } = 6;

    /// <summary>Maximum number of attempts with one app key within any hour. Default: 60.</summary>
    public int AttemptsPerHour { get; init; } = 60;

    /// <summary>How long a connection must last to count as successful even without data. Default: 5 minutes.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The first delay after <c>OPSP8996</c> (another session holds the app key). It doubles with each repetition, up to
    /// <see cref="MaxRefusedDelay"/>: the service may keep a dead session for seconds or for hours. Default: 30 seconds.
    /// </summary>
    public TimeSpan AppKeyInUseDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The invalid option and its requirement, if there is one.</summary>
    internal (string Option, string Text)? Problem
    {
        get
        {
            if (!IsDelay(InitialDelay))
                return (nameof(InitialDelay), "must be positive and at most a day");
            if (!IsDelay(MaxDelay) || MaxDelay < InitialDelay)
                return (nameof(MaxDelay), $"must be at least {nameof(InitialDelay)} and at most a day");
            if (!IsDelay(MaxRefusedDelay) || MaxRefusedDelay < InitialDelay)
                return (nameof(MaxRefusedDelay), $"must be at least {nameof(InitialDelay)} and at most a day");
            if (Jitter is not (>= 0 and <= 1))
                return (nameof(Jitter), "must be from 0 to 1");
            if (AttemptsPerMinute < 1)
                return (nameof(AttemptsPerMinute), "must be at least 1");
            if (AttemptsPerHour < 1)
                return (nameof(AttemptsPerHour), "must be at least 1");
            if (!IsDelay(StableAfter))
                return (nameof(StableAfter), "must be positive and at most a day");
            if (!IsDelay(AppKeyInUseDelay))
                return (nameof(AppKeyInUseDelay), "must be positive and at most a day");
            return GiveUpAfter is null || GiveUpAfter >= TimeSpan.Zero ? null : (nameof(GiveUpAfter), "must not be negative");
        }
    }

    private static bool IsDelay(TimeSpan value) => value > TimeSpan.Zero && value <= TimeSpan.FromDays(1);
}
