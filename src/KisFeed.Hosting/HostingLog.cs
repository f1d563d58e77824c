using Microsoft.Extensions.Logging;

namespace KisFeed.Hosting;

/// <summary>The log messages of configuration and hosting. Event ids are stable; no message holds a secret or an account number.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(2001, LogLevel.Warning, "{Warning}")]
    public static partial void Warning(ILogger logger, string warning);
}
