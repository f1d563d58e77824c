using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Consumers;

/// <summary>Log messages about consumers. Event ids are stable. No message contains an app key, a secret or its hash.</summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(201, LogLevel.Information, "Read {Count} consumers from {Path}")]
    public static partial void Read(ILogger logger, string path, int count);

    [LoggerMessage(202, LogLevel.Error,
        "The token file cannot be used: {Problem}. If the next check finds the same, nobody may connect until the file is fixed")]
    public static partial void Unusable(ILogger logger, string problem);

    [LoggerMessage(
        212, LogLevel.Error, "Nobody may connect until {Path} can be used again; the connections of {Count} consumers are closed")]
    public static partial void NobodyLeft(ILogger logger, string path, int count);

    [LoggerMessage(203, LogLevel.Warning, "Consumer {Consumer} is no longer valid; its connections are closed")]
    public static partial void Removed(ILogger logger, string consumer);

    [LoggerMessage(204, LogLevel.Warning, "Consumer {Consumer} lost rights; registrations that are no longer permitted are ended")]
    public static partial void Restricted(ILogger logger, string consumer);

    [LoggerMessage(
        205, LogLevel.Warning, "Nobody may connect: {Path} has no consumers left. A gateway that had consumers does not open to everybody")]
    public static partial void LastRemoved(ILogger logger, string path);

    [LoggerMessage(211, LogLevel.Warning, "Nobody may connect: {Path} {Problem}. 'kisfeed gateway token add NAME' adds a consumer, "
        + "and a running gateway applies it within seconds")]
    public static partial void NoConsumers(ILogger logger, string path, string problem);

    [LoggerMessage(206, LogLevel.Critical, "Applying a change of the token file to connections failed")]
    public static partial void LossFailed(ILogger logger, Exception exception);

    [LoggerMessage(208, LogLevel.Warning, "The last-use times of consumers cannot be written to {Path}: {Problem}. The gateway keeps "
        + "running; 'kisfeed gateway token list' shows older times")]
    public static partial void LastUseNotWritten(ILogger logger, string path, string problem);

    [LoggerMessage(207, LogLevel.Warning,
        "Only consumers of {Path} may connect from now on, because the file now exists; connections without a token are closed")]
    public static partial void Closed(ILogger logger, string path);

    [LoggerMessage(210, LogLevel.Information, "A browser signed in as consumer {Consumer} with a sign-in link")]
    public static partial void SignedIn(ILogger logger, string consumer);

    [LoggerMessage(209, LogLevel.Error, "Sign-in links cannot be used: {Problem}")]
    public static partial void LinksUnusable(ILogger logger, string problem);
}
