using KisFeed.Session;

namespace KisFeed.Cli.Hosting;

/// <summary>Which exit code a failure of the client comes to.</summary>
internal static class Failure
{
    public static int CodeOf(KisFeedException failure) => failure switch
    {
        KisFeedConfigurationException or FeedNotAvailableException or RegistrationLimitException => ExitCode.Usage,
        SubscribeRefusedException => ExitCode.Refused,
        ApprovalKeyException { Failure: not ApprovalKeyFailure.Unreachable } => ExitCode.Refused,
        ConnectionLostException { Code: not null } or ConnectionLostException { Reason: HaltReason.BadCredentials or HaltReason.ApprovalKeyRefused } => ExitCode.Refused,
        _ => ExitCode.ConnectionLost,
    };
}
