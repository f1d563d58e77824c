using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Protocol;

internal static class TestSessions
{
    public static SessionOptions Options(TimeProvider time) => new()
    {
        Catalog = KisFeeds.Catalog,
        Credentials = new CredentialRules(null, null, null),
        ApprovalKeys = new ApprovalKeys(time),
        Counters = new ServerCounters(),
        MaxRegistrations = 41,
        HeartbeatInterval = TimeSpan.FromSeconds(10),
        HeartbeatTimeout = TimeSpan.FromSeconds(10),
        TimeProvider = time,
        Logger = NullLogger.Instance,
    };
}
