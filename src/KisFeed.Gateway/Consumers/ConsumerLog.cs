using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>What is logged of consumers. Event ids are stable; no message holds an app key, a secret or the hash of one.</summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(201, LogLevel.Information, "{Count} consumers may connect, as {Path} says")]
    public static partial void Read(ILogger logger, string path, int count);

    [LoggerMessage(202, LogLevel.Warning, "What was known of consumers stays in force, because their file cannot be used: {Problem}")]
    public static partial void Unusable(ILogger logger, string problem);

    [LoggerMessage(203, LogLevel.Warning, "Consumer {Consumer} was removed or given other credentials: its connections are ended")]
    public static partial void Gone(ILogger logger, string consumer);

    [LoggerMessage(204, LogLevel.Warning, "Consumer {Consumer} may no longer register for all that it might: those registrations are ended")]
    public static partial void Restricted(ILogger logger, string consumer);

    [LoggerMessage(205, LogLevel.Warning, "Nobody may connect any more: {Path} has no consumers left, and a gateway that had some does not open itself to everybody")]
    public static partial void NobodyLeft(ILogger logger, string path);

    [LoggerMessage(211, LogLevel.Warning, "Nobody may connect: {Path} {Problem}. 'kisfeed gateway token add NAME' adds a consumer, and a running gateway takes it up within seconds")]
    public static partial void Nobody(ILogger logger, string path, string problem);

    [LoggerMessage(206, LogLevel.Critical, "What consumers have lost could not be taken from them")]
    public static partial void LossFailed(ILogger logger, Exception exception);

    [LoggerMessage(208, LogLevel.Warning, "When consumers last used the gateway cannot be kept in {Path}: {Problem}. It serves on; 'kisfeed gateway token list' shows older times")]
    public static partial void LastUseNotKept(ILogger logger, string path, string problem);

    [LoggerMessage(207, LogLevel.Warning, "Only consumers of {Path} may connect from now on: the file exists, and connections without a token are closed")]
    public static partial void Closed(ILogger logger, string path);

    [LoggerMessage(210, LogLevel.Information, "A browser was signed in as consumer {Consumer} by a link")]
    public static partial void SignedIn(ILogger logger, string consumer);

    [LoggerMessage(209, LogLevel.Error, "Sign-in links cannot be used: {Problem}")]
    public static partial void LinksUnusable(ILogger logger, string problem);
}
