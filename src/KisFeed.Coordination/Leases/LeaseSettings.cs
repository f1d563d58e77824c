namespace KisFeed.Coordination.Leases;

/// <summary>The times of a lease.</summary>
internal sealed record LeaseSettings
{
    private const int RenewalsPerTtl = 3;
    private const int RetriesPerTtl = 12;
    private const int PatienceInTtls = 4;

    /// <summary>How long the row lasts from the execution of a request.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>The part of the time to live by which the holder stands down early.</summary>
    public double SafetyMargin { get; init; } = CoordinationOptions.DefaultSafetyMargin;

    /// <summary>What the holder does while the store does not answer.</summary>
    public StoreOutagePolicy WhenStoreIsAway { get; init; }

    /// <summary>How long a holder may act after it sent a request.</summary>
    public TimeSpan Tenure => Ttl * (1 - SafetyMargin);

    /// <summary>The time between two renewals.</summary>
    public TimeSpan RenewInterval => Ttl / RenewalsPerTtl;

    /// <summary>When a request counts as failed.</summary>
    public TimeSpan CallTimeout => Ttl / RenewalsPerTtl;

    /// <summary>The time before a failed request is repeated.</summary>
    public TimeSpan RetryInterval => Ttl / RetriesPerTtl;

    /// <summary>How long a holder tries to connect before it leaves the lease to others.</summary>
    public TimeSpan ConnectPatience => Ttl * PatienceInTtls;

    /// <summary>How long keys of a lost holder wait for a standby, before other app keys take them.</summary>
    public TimeSpan TakeoverDelay { get; init; }

    /// <summary>
    /// How long a process whose session could not connect does not request the lease, at first: until the row has expired, standbys have
    /// had their chance, and other app keys have had theirs, unless they have to wait for long.
    /// </summary>
    public TimeSpan Pause => (Ttl * 2) + (TakeoverDelay < ConnectPatience ? TakeoverDelay : ConnectPatience);
}
