using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>What the REST side of a server goes by.</summary>
internal sealed record OAuthOptions
{
    public required ICredentialRules Credentials { get; init; }

    /// <summary>Where keys are issued.</summary>
    public required ApprovalKeys ApprovalKeys { get; init; }

    public required ServerCounters Counters { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>How often somebody may ask for an approval key; as often as they like where it is not given.</summary>
    public ApprovalThrottle? Throttle { get; init; }

    /// <summary>Whether a good request for an approval key is to fail all the same; never where it is not given.</summary>
    public Func<bool>? Fails { get; init; }

    /// <summary>Looks at every request first, where it is given.</summary>
    public IRequestGate? Gate { get; init; }
}
