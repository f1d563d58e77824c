using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>Settings of the REST endpoints.</summary>
internal sealed record OAuthOptions
{
    public required ICredentialRules Credentials { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required ServerCounters Counters { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Limits how often an owner may ask for an approval key. Default: no limit.</summary>
    public ApprovalThrottle? Throttle { get; init; }

    /// <summary>Returns whether a valid request for an approval key must fail (a simulated fault). Default: never.</summary>
    public Func<bool>? Fails { get; init; }

    /// <summary>Checks every request first; <see langword="null"/> for no check.</summary>
    public IRequestGate? Gate { get; init; }

    /// <summary>The settings that REST endpoints have in common with the sessions of their server.</summary>
    public static OAuthOptions Of(SessionOptions sessions) => new()
    {
        Credentials = sessions.Credentials,
        ApprovalKeys = sessions.ApprovalKeys,
        Counters = sessions.Counters,
        TimeProvider = sessions.TimeProvider,
        Logger = sessions.Logger,
    };
}
