using KisFeed.Server;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>What the connections of consumers in the broker's protocol share.</summary>
internal sealed record BrokerContext
{
    public required AccessControl AccessControl { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required BrokerCounters Counters { get; init; }

    public required FeedHub Hub { get; init; }

    public required BrokerDispatcher Side { get; init; }

    public required Snapshots Snapshots { get; init; }

    /// <summary>What one connection may use before it is known whose it is, and never more than that.</summary>
    public required ConsumerLimits Limits { get; init; }

    /// <summary>How long a connection has until a request with a good approval key.</summary>
    public required TimeSpan IntroductionTimeout { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Keeps lines about clients that send too much few.</summary>
    public required LogSampler FloodLog { get; init; }

    public required ILogger Logger { get; init; }
}
