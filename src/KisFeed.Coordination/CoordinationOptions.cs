using System.Runtime.InteropServices;

namespace KisFeed.Coordination;

/// <summary>The times and limits of a cluster. All programs of a cluster should use the same.</summary>
public sealed record CoordinationOptions
{
    /// <summary>The default of <see cref="SafetyMargin"/>.</summary>
    public const double DefaultSafetyMargin = 0.2;

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    /// <summary>How long the lease of an app key lasts. It is renewed three times in this time. At least 100 ms. Default 3 s.</summary>
    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The part of <see cref="LeaseTtl"/> by which a holder stands down before its row can expire: it covers clocks that run at different
    /// speeds and the time to close a connection. From 0.05 to 0.9. Default 0.2.
    /// </summary>
    public double SafetyMargin { get; init; } = DefaultSafetyMargin;

    /// <summary>
    /// What the holder of an app key does while it cannot renew its lease. Default <see cref="StoreOutagePolicy.StandDown"/>.
    /// </summary>
    public StoreOutagePolicy OnStoreOutage { get; init; }

    /// <summary>How often rows are read without a notification. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the demand of an edge that does not answer stays. Default 10 s.</summary>
    public TimeSpan EdgeTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a key stays registered after the last edge has stopped wanting it. Default 30 s, as in a gateway.</summary>
    public TimeSpan ReleaseGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The minimum time that a key stays with its holder, even if another key needs its slot. Default 10 s, as in a gateway.
    /// </summary>
    public TimeSpan MinimumHold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the keys of an app key whose lease has expired wait for another holder of this app key, before
    /// other app keys take them. Default 3 s.
    /// </summary>
    public TimeSpan TakeoverDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a key waits for the ingest that should take it, which is the one with the fewest keys, before any ingest with
    /// a free slot takes it. Default 3 s.
    /// </summary>
    public TimeSpan FairDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a key that the broker refused permanently is not requested again. Default 5 minutes, as in a gateway.</summary>
    public TimeSpan RefusalMemory { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an app key does not try a key again that it could not register for a temporary reason; others may. Default 30 s.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The limits of connection attempts of each app key, over all its holders. Default 6 a minute and 60 an hour.</summary>
    public ClusterRateLimit Attempts { get; init; } = new(6, 60);

    /// <summary>The limits of new registrations of each app key, over all its holders. Default 150 a minute and 900 an hour.</summary>
    public ClusterRateLimit NewRegistrations { get; init; } = new(150, 900);

    /// <summary>Checks that the options can be used.</summary>
    /// <exception cref="ArgumentException">A value is out of range. The message says what to set.</exception>
    public void Validate()
    {
        Require(LeaseTtl >= TimeSpan.FromMilliseconds(100) && LeaseTtl <= s_longest, nameof(LeaseTtl), "must be from 100 ms to 10 minutes");
        Require(SafetyMargin is >= 0.05 and <= 0.9, nameof(SafetyMargin), "must be from 0.05 to 0.9");
        Require(Enum.IsDefined(OnStoreOutage), nameof(OnStoreOutage), $"is {OnStoreOutage}, which is not a valid policy");
        Require(PollInterval > TimeSpan.Zero && PollInterval <= s_longest, nameof(PollInterval), "must be positive and at most 10 minutes");
        Require(
            EdgeTtl > PollInterval && EdgeTtl <= s_longest,
            nameof(EdgeTtl),
            $"must be longer than {nameof(PollInterval)} and at most 10 minutes");
        foreach (var (name, value) in new[]
        {
            (nameof(ReleaseGrace), ReleaseGrace),
            (nameof(MinimumHold), MinimumHold),
            (nameof(TakeoverDelay), TakeoverDelay),
            (nameof(FairDelay), FairDelay),
            (nameof(RefusalMemory), RefusalMemory),
            (nameof(RetryDelay), RetryDelay),
        })
        {
            Require(value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1), name, "must not be negative, and at most a day");
        }
        Require(Attempts.IsValid, nameof(Attempts), "must be positive, and not less an hour than a minute");
        Require(NewRegistrations.IsValid, nameof(NewRegistrations), "must be positive, and not less an hour than a minute");
    }

    private static void Require(bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"{nameof(CoordinationOptions)}.{option} {problem}", option);
    }
}

/// <summary>A limit of the broker's conduct rules that follows the app key from holder to holder.</summary>
/// <param name="PerMinute">The limit within any minute.</param>
/// <param name="PerHour">The limit within any hour.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ClusterRateLimit(int PerMinute, int PerHour)
{
    internal bool IsValid => PerMinute > 0 && PerHour >= PerMinute;
}

/// <summary>What the holder of an app key does while it cannot renew its lease, because PostgreSQL does not answer.</summary>
public enum StoreOutagePolicy
{
    /// <summary>
    /// It drops its session before its lease expires. Two sessions of one app key are never at the broker at once, and no data
    /// arrive until the database answers again.
    /// </summary>
    StandDown,

    /// <summary>
    /// It keeps its session, and reconnects within its own budget, until the database says that another ingest holds the app key. If
    /// another ingest took the lease meanwhile, both connect, and the broker refuses one of them (OPSP8996, ALREADY IN USE appkey). For app
    /// keys that only one ingest is configured for.
    /// </summary>
    KeepSession,
}
