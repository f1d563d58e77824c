using System.Net.WebSockets;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// The source of one consumer's session: acquires each registration that the consumer has a right to from the
/// hub, and releases it when it ends.
/// </summary>
/// <remarks>The session makes one call at a time.</remarks>
internal sealed class ConsumerSource(
    IClientConnection connection, ConsumerSession consumerSession, BrokerContext broker, bool isSnapshotWanted)
    : IFeedSource
{
    private readonly Dictionary<HubKey, (FeedSchema Feed, Lease Lease)> _leases = [];

    public bool IsWellFormed(string trId, string trKey) => KeyFormat.Fits(trId, trKey);

    public async ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey)
    {
        if (consumerSession.TryReserve(feed, trKey) is { } code)
            return code;
        var lease = await broker.Hub.AcquireAsync(
            feed, trKey, consumerSession.HubConsumer, code => OnEnded(feed, trKey, code)).ConfigureAwait(false);
        if (lease.Refusal is { } refusal)
        {
            if (lease.Limit is { } limit)
                consumerSession.Refuse(limit);
            consumerSession.Release(feed, trKey);
            return refusal;
        }

        _leases.Add(lease.Key, (feed, lease));
        consumerSession.OnGranted(feed, trKey);
        return null;
    }

    public ValueTask SubscribeAsync(ClientRegistration registration)
    {
        if (isSnapshotWanted)
            broker.Snapshots.Begin(registration);
        else
            broker.Dispatcher.Add(registration);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnsubscribeAsync(ClientRegistration registration)
    {
        broker.Dispatcher.Remove(registration);
        if (_leases.Remove(new HubKey(registration.TrId, registration.TrKey), out var held))
        {
            broker.Hub.Release(held.Lease);
            consumerSession.Release(held.Feed, registration.TrKey);
        }

        return ValueTask.CompletedTask;
    }

    // The broker's protocol has no message for a registration that ends by itself, so connections of other clients are closed.
    private void OnEnded(FeedSchema feed, string trKey, BrokerCode code)
    {
        if (connection.AcceptsServerEvents)
        {
            connection.Send(new ServerEvent
            {
                Kind = ServerEventKind.Refused,
                TrId = feed.TrId,
                TrKey = trKey,
                Code = code.Value,
                Text = "the service no longer provides this registration",
            });
            broker.Counters.LeasesEnded.Add();
            GatewayLog.RefusedLater(broker.Logger, connection.Id, feed.TrId, code);
            return;
        }

        var name = feed.IsNotice ? feed.TrId : $"{feed.TrId} {trKey}";
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, $"the service no longer provides {name}: {code}"))
            return;
        broker.Counters.LeasesEnded.Add();
        GatewayLog.LeaseEnded(broker.Logger, connection.Id, feed.TrId, code);
    }
}
