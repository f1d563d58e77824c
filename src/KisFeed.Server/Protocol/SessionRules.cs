using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>What the sessions of one server share: what is allowed, where the data come from, and who may have one.</summary>
internal sealed record SessionRules
{
    public required FeedCatalog Catalog { get; init; }

    public required IFeedSource Source { get; init; }

    public required ICredentialRules Credentials { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required ISessionGate Gate { get; init; }

    public required ServerCounters Counters { get; init; }

    public required int MaxRegistrations { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required TimeSpan HeartbeatTimeout { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }
}
