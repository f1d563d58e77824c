using System.Collections.Concurrent;
using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>Where the frames of the consumers' sessions come from: the hub, which is asked for each registration, and told when it ends.</summary>
/// <param name="consumers">Who may have what.</param>
/// <param name="hub">The hub.</param>
/// <param name="side">What brings its frames.</param>
/// <param name="counters">Counts what upstream takes back.</param>
/// <param name="logger">Where to log.</param>
internal sealed class ConsumerSource(IConsumers consumers, FeedHub hub, BrokerSide side, BrokerCounters counters, ILogger logger) : IFeedSource
{
    private readonly ConcurrentDictionary<(long Connection, HubKey Key), Lease> _leases = [];

    public bool IsWellFormed(string trId, string trKey) => KeyForm.Fits(trId, trKey);

    public async ValueTask<BrokerCode?> AdmitAsync(IClientConnection connection, string appKey, FeedSchema feed, string trKey)
    {
        if (consumers.Check(appKey, feed) is { } code)
            return code;
        var lease = await hub.AcquireAsync(feed, trKey, code => OnEnded(connection, feed, trKey, code)).ConfigureAwait(false);
        if (lease.Refusal is { } refusal)
            return refusal;
        _leases[(connection.Id, lease.Key)] = lease;
        return null;
    }

    public ValueTask SubscribeAsync(Registration registration)
    {
        side.Add(registration);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnsubscribeAsync(Registration registration)
    {
        side.Remove(registration);
        if (_leases.TryRemove((registration.Output.Connection.Id, new HubKey(registration.TrId, registration.TrKey)), out var lease))
            hub.Release(lease);
        return ValueTask.CompletedTask;
    }

    // The protocol has no message for a registration that ends by itself, and silence would be a lie.
    private void OnEnded(IClientConnection connection, FeedSchema feed, string trKey, BrokerCode code)
    {
        var name = feed.IsNotice ? feed.TrId : $"{feed.TrId} {trKey}";
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, $"the service does not give {name} any more: {code}"))
            return;
        counters.LeaseEnded();
        GatewayLog.LeaseEnded(logger, connection.Id, feed.TrId, code);
    }
}
