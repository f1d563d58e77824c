namespace KisFeed.Soak.Gateways;

/// <summary>What a soak of the gateway is asked for.</summary>
internal sealed record GatewaySoakOptions
{
    /// <summary>How long faults are made and consumers come and go.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Market events a second. At hundreds nearly each is a frame of its own.</summary>
    public required double Rate { get; init; }

    /// <summary>Consumers that come and go.</summary>
    public required int Consumers { get; init; }

    public required int Seed { get; init; }

    /// <summary>How long nobody is there at the end, before it is looked at what is left.</summary>
    public TimeSpan Rest => Duration / 2 < s_longestRest ? Duration / 2 : s_longestRest;

    public bool IsJson { get; init; }

    /// <summary>Where the capture, the token file and the gateway's log go, and stay; <see langword="null"/> for a temporary folder that is removed.</summary>
    public string? Folder { get; init; }

    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(1);
}
