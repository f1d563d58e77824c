using Microsoft.Extensions.Logging;

namespace KisFeed.Coordination.Running;

/// <summary>What coordination logs. Contains no secret: an app key is named by its hash.</summary>
internal static partial class CoordinationLog
{
    [LoggerMessage(2301, LogLevel.Warning, "{Name}: the cluster's database does not answer: {Problem}")]
    public static partial void StoreFails(ILogger logger, string name, string problem);

    [LoggerMessage(2302, LogLevel.Information, "{Name}: the cluster's database answers again")]
    public static partial void StoreAnswers(ILogger logger, string name);

    [LoggerMessage(2303, LogLevel.Information, "{Name} holds the lease of its app key: epoch {Epoch}")]
    public static partial void LeaseAcquired(ILogger logger, string name, long epoch);

    [LoggerMessage(2304, LogLevel.Warning, "{Name} has lost the lease of its app key ({Reason}) and drops its session")]
    public static partial void StandsDown(ILogger logger, string name, string reason);

    [LoggerMessage(2305, LogLevel.Warning, "{Name} could not register {Key}: {Code} {Text}")]
    public static partial void KeyRefused(ILogger logger, string name, string key, string code, string text);
}
