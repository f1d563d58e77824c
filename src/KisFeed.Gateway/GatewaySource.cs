namespace KisFeed.Gateway;

/// <summary>Where the data of a gateway come from, for those who look at them: what is made up must not be taken for a market.</summary>
public enum GatewaySource
{
    /// <summary>The broker's service, or another gateway that has its data from there.</summary>
    Service,

    /// <summary>A market that is made up.</summary>
    Simulation,

    /// <summary>A day that was recorded.</summary>
    Replay,
}
