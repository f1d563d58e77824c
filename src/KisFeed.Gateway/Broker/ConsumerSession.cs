using System.Net;
using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// The account and the keys of a connection in the broker's protocol: acquires each registration that the account has a right to from the
/// hub, and releases it when it ends. The connection is closed when its account may no longer have all of the keys, because the protocol
/// has no message for a lost right.
/// </summary>
/// <remarks>The session makes one call at a time; rights are lost at any time.</remarks>
internal sealed class ConsumerSession(
    ConsumerConnection connection, IConnectionAdmission? admission, IPAddress? address, BrokerContext broker, bool isSnapshotWanted)
    : ISessionGate, IFeedSource, IAccountConnection
{
    private readonly Lock _gate = new();
    private readonly Dictionary<HubKey, (FeedSchema Feed, Claim? Claim)> _keys = [];
    private HubConsumer? _hubConsumer;

    public QueueDepth QueueDepth => new(connection.WaitingBytes, Records: 0);

    /// <summary>Starts the session of the account with this approval key, if the account may have another connection.</summary>
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        if (broker.Access.FindByApprovalKey(broker.ApprovalKeys.TryGetOwner(approvalKey, out var known) ? known : null, address)
            is not { } account)
        {
            owner = "";
            broker.Access.Refusals.Add(AccessRefusalReason.Credentials);
            return BrokerCode.UnknownApprovalKey;
        }

        owner = known!;
        connection.Account = account;
        if (account.TryEnter(this))
        {
            broker.Hub.Join(_hubConsumer = account.HubConsumer());
            admission?.MarkAuthenticated();
            broker.Access.Audit.ConnectionBegan(account.Name, address, "the broker's protocol");
            return null;
        }

        connection.Account = null;
        return account.HasEnded ? BrokerCode.UnknownApprovalKey : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed)
    {
        connection.Account!.Leave(this);
        broker.Hub.Leave(_hubConsumer!);
    }

    public bool IsWellFormed(string trId, string trKey) => KeyFormat.Fits(trId, trKey);

    public async ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey)
    {
        var account = connection.Account!;
        if (!account.Usage.TryRegister())
            return BrokerCode.TooManySubscriptions;
        var key = new HubKey(feed.TrId, trKey);
        lock (_gate)
            _keys.Add(key, (feed, null)); // Before the rights are checked, so that a right lost in between is noticed.
        if (!account.MayRegister(feed, trKey))
        {
            Release(key);
            broker.Access.Refusals.Add(AccessRefusalReason.Rights);
            broker.Access.Audit.RightRefused(account.Name, address, feed);
            return feed.IsNotice ? BrokerCode.WrongHtsId : BrokerCode.InvalidTrId;
        }

        var claim = await broker.Hub.AcquireAsync(feed, trKey, _hubConsumer, code => OnEnded(feed, trKey, code)).ConfigureAwait(false);
        if (claim.Refusal is { } refusal)
        {
            if (claim.Limit is { } limit)
                account.Usage.Refuse(limit);
            Release(key);
            return refusal;
        }

        lock (_gate)
            _keys[key] = (feed, claim);
        broker.Access.Audit.Subscribed(account.Name, address, feed, trKey);
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
        Release(new HubKey(registration.TrId, registration.TrKey));
        return ValueTask.CompletedTask;
    }

    public void OnRightsLost(bool isOver)
    {
        if (!isOver && !HasLostRights())
            return;
        if (connection.Close(WebSocketCloseStatus.PolicyViolation, ReasonFor(isOver)))
        {
            broker.Counters.RightsLosses.Add();
            GatewayLog.RightsLost(broker.Logger, connection.Id, connection.Account!.Name);
        }
    }

    private bool HasLostRights()
    {
        lock (_gate)
            return _keys.Any(key => !connection.Account!.MayRegister(key.Value.Feed, key.Key.Key));
    }

    private string ReasonFor(bool isOver)
    {
        if (!isOver)
            return "this consumer no longer has the right to all of its registrations";
        return connection.Account!.Consumer is null
            ? "the gateway now requires a token"
            : "this consumer was removed or its credentials were replaced";
    }

    private void Release(HubKey key)
    {
        (FeedSchema Feed, Claim? Claim) held;
        lock (_gate)
        {
            if (!_keys.Remove(key, out held))
                return;
        }

        if (held.Claim is { } claim)
            broker.Hub.Release(claim);
        connection.Account!.Usage.Release();
    }

    // The broker's protocol has no message for a registration that ends by itself, so connections of other clients are closed.
    private void OnEnded(FeedSchema feed, string trKey, BrokerCode code)
    {
        if (connection.AcceptsServerEvents)
        {
            ((IClientConnection)connection).Send(new ServerEvent
            {
                Kind = ServerEventKind.Refused,
                TrId = feed.TrId,
                TrKey = trKey,
                Code = code.Value,
                Text = "the service no longer provides this registration",
            });
            broker.Counters.ClaimsEnded.Add();
            GatewayLog.RefusedLater(broker.Logger, connection.Id, feed.TrId, code);
            return;
        }

        var name = feed.IsNotice ? feed.TrId : $"{feed.TrId} {trKey}";
        if (!connection.Close(WebSocketCloseStatus.PolicyViolation, $"the service no longer provides {name}: {code}"))
            return;
        broker.Counters.ClaimsEnded.Add();
        GatewayLog.ClaimEnded(broker.Logger, connection.Id, feed.TrId, code);
    }
}
