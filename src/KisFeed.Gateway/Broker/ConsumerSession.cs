using System.Net;
using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// The account and the keys of a connection in the broker's protocol. The connection is closed when its account may no longer have all of
/// the keys, because the protocol has no message for a lost right.
/// </summary>
internal sealed class ConsumerSession(ConsumerConnection connection, IConnectionPlace? place, IPAddress? address, BrokerContext broker)
    : ISessionGate, IAccountConnection
{
    private readonly Lock _gate = new();
    private readonly List<(FeedSchema Feed, string Key)> _keys = [];

    /// <summary>The holder of the upstream places that it uses, once its account is known.</summary>
    public HubConsumer? HubConsumer { get; private set; }

    public QueueDepth QueueDepth => new(connection.WaitingBytes, Records: 0);

    /// <summary>Starts the session of the account with this approval key, if the account may have another connection.</summary>
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        if (broker.AccessControl.FindByApprovalKey(broker.ApprovalKeys.TryGetOwner(approvalKey, out var known) ? known : null, address)
            is not { } account)
        {
            owner = "";
            broker.AccessControl.Refusals.Add(AccessRefusalReason.Credentials);
            return BrokerCode.UnknownApprovalKey;
        }

        owner = known!;
        connection.Account = account;
        if (account.TryEnter(this))
        {
            broker.Hub.Join(HubConsumer = account.HubConsumer());
            place?.MarkAuthenticated();
            broker.AccessControl.Audit.ConnectionBegan(account.Name, address, "the broker's protocol");
            return null;
        }

        connection.Account = null;
        return account.HasEnded ? BrokerCode.UnknownApprovalKey : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed)
    {
        connection.Account!.Leave(this);
        broker.Hub.Leave(HubConsumer!);
    }

    /// <summary>
    /// Adds a key, once for each registration, until <see cref="Release"/>. The key is added before the account's rights are checked, so
    /// that a right lost in between is noticed.
    /// </summary>
    /// <returns>The code to refuse with; <see langword="null"/> if the registration is allowed.</returns>
    public BrokerCode? TryReserve(FeedSchema feed, string key)
    {
        var account = connection.Account!;
        if (!account.Usage.TryRegister())
            return BrokerCode.TooManySubscriptions;
        lock (_gate)
            _keys.Add((feed, key));
        if (account.MayRegister(feed, key))
            return null;
        Release(feed, key);
        broker.AccessControl.Refusals.Add(AccessRefusalReason.Rights);
        broker.AccessControl.Audit.RightRefused(account.Name, address, feed);
        return feed.IsNotice ? BrokerCode.WrongHtsId : BrokerCode.InvalidTrId;
    }

    /// <summary>Logs a registration that was granted.</summary>
    public void OnGranted(FeedSchema feed, string key) =>
        broker.AccessControl.Audit.Subscribed(connection.Account!.Name, address, feed, key);

    /// <summary>Counts a refusal by one of the account's limits.</summary>
    public void Refuse(ConsumerLimit limit) => connection.Account!.Usage.Refuse(limit);

    public void Release(FeedSchema feed, string key)
    {
        lock (_gate)
            _keys.Remove((feed, key));
        connection.Account!.Usage.Release();
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
            return _keys.Exists(key => !connection.Account!.MayRegister(key.Feed, key.Key));
    }

    private string ReasonFor(bool isOver)
    {
        if (!isOver)
            return "this consumer no longer has the right to all of its registrations";
        return connection.Account!.Consumer is null
            ? "the gateway now requires a token"
            : "this consumer was removed or its credentials were replaced";
    }
}
