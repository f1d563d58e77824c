namespace KisFeed.Coordination.Storing;

/// <summary>The rules of placement.</summary>
internal sealed record PlacementRules
{
    public required TimeSpan ReleaseGrace { get; init; }

    public required TimeSpan MinimumHold { get; init; }

    public required TimeSpan TakeoverDelay { get; init; }

    public required TimeSpan FairDelay { get; init; }

    public required TimeSpan RefusalMemory { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required ClusterRateLimit NewRegistrations { get; init; }

    public static PlacementRules Of(CoordinationOptions options) => new()
    {
        ReleaseGrace = options.ReleaseGrace,
        MinimumHold = options.MinimumHold,
        TakeoverDelay = options.TakeoverDelay,
        FairDelay = options.FairDelay,
        RefusalMemory = options.RefusalMemory,
        RetryDelay = options.RetryDelay,
        NewRegistrations = options.NewRegistrations,
    };
}
