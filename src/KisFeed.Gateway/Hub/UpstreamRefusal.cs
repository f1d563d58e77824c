using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>With which code consumers are told why a registration did not come about upstream.</summary>
internal static class UpstreamRefusal
{
    /// <summary>The code of the service where it refused, and else the one that says nearest what was wrong.</summary>
    public static BrokerCode CodeOf(Exception error) => error switch
    {
        SubscribeRefusedException refusal => refusal.Code,
        ConnectionLostException { Code: { } code } => code,
        RegistrationLimitException { RetryAfter: not null } => BrokerCode.SendFailed,
        RegistrationLimitException => BrokerCode.TooManySubscriptions,
        FeedNotAvailableException => BrokerCode.InvalidTrId,
        ArgumentException => BrokerCode.InvalidTrKey,
        SubscribeTimeoutException => BrokerCode.SendFailed,
        _ => BrokerCode.InternalError,
    };
}
