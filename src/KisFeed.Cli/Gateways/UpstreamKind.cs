namespace KisFeed.Cli.Gateways;

/// <summary>Where a gateway's data come from.</summary>
internal enum UpstreamKind
{
    /// <summary>The broker's service.</summary>
    Service,

    /// <summary>A made-up market.</summary>
    Simulator,

    /// <summary>A capture.</summary>
    Replay,
}
