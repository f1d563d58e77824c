using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Who is at the other end of a connection in the broker's protocol, and which feeds it has: the connection ends when its account may no longer have all of them, since the protocol has no message for that.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="desk">What all of them share.</param>
internal sealed class ConsumerPresence(ConsumerConnection connection, BrokerDesk desk) : ISessionGate, IPresence
{
    private readonly Lock _gate = new();
    private readonly List<FeedSchema> _feeds = [];

    public Backlog Waiting => new(connection.WaitingBytes, Records: 0);

    /// <summary>Begins the session of who has this approval key, where its account may have another connection.</summary>
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        if (!desk.ApprovalKeys.TryGetOwner(approvalKey, out var known) || desk.Admission.Accounts.Find(known) is not { } account)
        {
            owner = "";
            desk.Admission.Refusals.Add(RefusalReason.Credentials);
            return BrokerCode.UnknownApprovalKey;
        }

        owner = known;
        connection.Account = account;
        if (account.TryEnter(this))
            return null;
        connection.Account = null;
        return account.IsOver ? BrokerCode.UnknownApprovalKey : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed) => connection.Account!.Leave(this);

    /// <summary>
    /// Takes a feed, once for each registration; <see cref="LetGo"/> gives it back. What is lost from now on is told: the feed is among those that count before the account is asked.
    /// </summary>
    /// <returns>The code to refuse with; <see langword="null"/> where it may be had.</returns>
    public BrokerCode? TryTake(FeedSchema feed)
    {
        var account = connection.Account!;
        if (!account.Usage.TryRegister())
            return BrokerCode.TooManySubscriptions;
        lock (_gate)
            _feeds.Add(feed);
        if (account.MayRegister(feed))
            return null;
        LetGo(feed);
        desk.Admission.Refusals.Add(RefusalReason.Rights);
        return feed.IsNotice ? BrokerCode.WrongHtsId : BrokerCode.InvalidTrId;
    }

    public void LetGo(FeedSchema feed)
    {
        lock (_gate)
            _feeds.Remove(feed);
        connection.Account!.Usage.Release();
    }

    public void OnRightsLost(bool isOver)
    {
        if (!isOver && !HasLost())
            return;
        if (connection.Close(WebSocketCloseStatus.PolicyViolation, ReasonFor(isOver)))
        {
            desk.Counters.RightsLost();
            GatewayLog.RightsLost(desk.Logger, connection.Id, connection.Account!.Name);
        }
    }

    private bool HasLost()
    {
        lock (_gate)
            return _feeds.Exists(feed => !connection.Account!.MayRegister(feed));
    }

    private string ReasonFor(bool isOver)
    {
        if (!isOver)
            return "this consumer may no longer have all that it is registered for";
        return connection.Account!.Consumer is null
            ? "from now on the gateway serves consumers with tokens alone"
            : "this consumer was removed or given other credentials";
    }
}
