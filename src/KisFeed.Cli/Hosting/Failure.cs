using System.Net;

namespace KisFeed.Cli.Hosting;

/// <summary>Which exit code a failure of the client comes to.</summary>
internal static class Failure
{
    public static int CodeOf(KisFeedException failure) => failure switch
    {
        KisFeedConfigurationException or FeedNotAvailableException or RegistrationLimitException => ExitCode.Usage,
        SubscribeRefusedException => ExitCode.Refused,
        ApprovalKeyException { Status: < HttpStatusCode.InternalServerError } => ExitCode.Refused,
        ConnectionLostException { Code: not null } => ExitCode.Refused,
        _ => ExitCode.ConnectionLost,
    };
}
