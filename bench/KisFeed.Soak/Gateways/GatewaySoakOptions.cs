namespace KisFeed.Soak.Gateways;

/// <summary>Options of a soak of the gateway.</summary>
internal sealed record GatewaySoakOptions
{
    /// <summary>The time with faults and visitors.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Market events per second. Up to some hundreds nearly each is its own frame.</summary>
    public required double Rate { get; init; }

    /// <summary>The number of visitors.</summary>
    public required int Consumers { get; init; }

    public required int Seed { get; init; }

    /// <summary>The time without consumers at the end, before the last measurement.</summary>
    public TimeSpan Rest => Duration / 2 < s_longestRest ? Duration / 2 : s_longestRest;

    public bool IsJson { get; init; }

    /// <summary>
    /// The folder for the capture, the token file and the gateway's log; <see langword="null"/> for a temporary folder that is removed.
    /// </summary>
    public string? Folder { get; init; }

    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(1);
}
