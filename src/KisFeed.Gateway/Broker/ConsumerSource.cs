using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Where the frames of one consumer's session come from: the hub, which is asked for each registration where the consumer may have it, and told when it ends.</summary>
/// <param name="connection">The connection of the session.</param>
/// <param name="consumerSession">Who it is of.</param>
/// <param name="broker">What all of them share.</param>
/// <param name="isSnapshotWanted">Whether what came last of a key is to come first.</param>
/// <remarks>The session makes one call at a time.</remarks>
internal sealed class ConsumerSource(IClientConnection connection, ConsumerSession consumerSession, BrokerContext broker, bool isSnapshotWanted) : IFeedSource
{
    private readonly Dictionary<HubKey, (FeedSchema Feed, Lease Lease)> _leases = [];

    public bool IsWellFormed(string trId, string trKey) => KeyFormat.Fits(trId, trKey);

    public async ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey)
    {
        if (consumerSession.TryTake(feed, trKey) is { } code)
            return code;
        var lease = await broker.Hub.AcquireAsync(feed, trKey, consumerSession.AtHub, code => OnEnded(feed, trKey, code)).ConfigureAwait(false);
        if (lease.Refusal is { } refusal)
        {
            if (lease.Limit is { } limit)
                consumerSession.Refuse(limit);
            consumerSession.LetGo(feed, trKey);
            return refusal;
        }

        _leases.Add(lease.Key, (feed, lease));
        consumerSession.NoteGranted(feed, trKey);
        return null;
    }

    public ValueTask SubscribeAsync(Registration registration)
    {
        if (isSnapshotWanted)
            broker.Snapshots.Begin(registration);
        else
            broker.Side.Add(registration);
        return ValueTask.CompletedTask;
    }

    public ValueTask UnsubscribeAsync(Registration registration)
    {
        broker.Side.Remove(registration);
        if (_leases.Remove(new HubKey(registration.TrId, registration.TrKey), out var held))
        {
            broker.Hub.Release(held.Lease);
            consumerSession.LetGo(held.Feed, registration.TrKey);
        }

        return ValueTask.CompletedTask;
    }

    // The broker's protocol has no message for a registration that ends by itself, so other clients than ours are closed.
    private void OnEnded(FeedSchema feed, string trKey, BrokerCode code)
    {
        if (connection.TakesServerEvents)
        {
            connection.Send(new ServerEvent { Kind = ServerEventKind.Refused, TrId = feed.TrId, TrKey = trKey, Code = code.Value, Text = "the service no longer provides this registration" });
            broker.Counters.LeaseEnded();
            GatewayLog.RefusedLater(broker.Logger, connection.Id, feed.TrId, code);
            return;
        }

        var name = feed.IsNotice ? feed.TrId : $"{feed.TrId} {trKey}";
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, $"the service does not give {name} any more: {code}"))
            return;
        broker.Counters.LeaseEnded();
        GatewayLog.LeaseEnded(broker.Logger, connection.Id, feed.TrId, code);
    }
}
