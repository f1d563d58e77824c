using System.Net;
using System.Net.WebSockets;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Who is at the other end of a connection in the broker's protocol, and which feeds it has: the connection ends when its account may no longer have all of them, since the protocol has no message for that.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="place">Its place among all connections; <see langword="null"/> where that is not known.</param>
/// <param name="address">Where its client is; <see langword="null"/> where that is not known.</param>
/// <param name="broker">What all of them share.</param>
internal sealed class ConsumerSession(ConsumerConnection connection, IConnectionPlace? place, IPAddress? address, BrokerContext broker) : ISessionGate, IAccountConnection
{
    private readonly Lock _gate = new();
    private readonly List<(FeedSchema Feed, string Key)> _keys = [];

    /// <summary>Whose places it takes, once its account is known.</summary>
    public HubConsumer? AtHub { get; private set; }

    public QueueDepth Waiting => new(connection.WaitingBytes, Records: 0);

    /// <summary>Begins the session of who has this approval key, where its account may have another connection.</summary>
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        if (broker.AccessControl.FindByApprovalKey(broker.ApprovalKeys.TryGetOwner(approvalKey, out var known) ? known : null, address) is not { } account)
        {
            owner = "";
            broker.AccessControl.Refusals.Add(RefusalReason.Credentials);
            return BrokerCode.UnknownApprovalKey;
        }

        owner = known!;
        connection.Account = account;
        if (account.TryEnter(this))
        {
            broker.Hub.Join(AtHub = account.AtHub());
            place?.MarkKnown();
            broker.AccessControl.Audit.ConnectionBegan(account.Name, address, "the broker's protocol");
            return null;
        }

        connection.Account = null;
        return account.IsOver ? BrokerCode.UnknownApprovalKey : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed)
    {
        connection.Account!.Leave(this);
        broker.Hub.Leave(AtHub!);
    }

    /// <summary>
    /// Takes a key, once for each registration; <see cref="LetGo"/> gives it back. What is lost from now on is told: the key is among those that count before the account is asked.
    /// </summary>
    /// <returns>The code to refuse with; <see langword="null"/> where it may be had.</returns>
    public BrokerCode? TryTake(FeedSchema feed, string key)
    {
        var account = connection.Account!;
        if (!account.Usage.TryRegister())
            return BrokerCode.TooManySubscriptions;
        lock (_gate)
            _keys.Add((feed, key));
        if (account.MayRegister(feed, key))
            return null;
        LetGo(feed, key);
        broker.AccessControl.Refusals.Add(RefusalReason.Rights);
        broker.AccessControl.Audit.RightRefused(account.Name, address, feed);
        return feed.IsNotice ? BrokerCode.WrongHtsId : BrokerCode.InvalidTrId;
    }

    /// <summary>The registration was granted.</summary>
    public void NoteGranted(FeedSchema feed, string key) => broker.AccessControl.Audit.Subscribed(connection.Account!.Name, address, feed, key);

    /// <summary>Counts a refusal by one of the account's limits.</summary>
    public void Refuse(ConsumerLimit limit) => connection.Account!.Usage.Refuse(limit);

    public void LetGo(FeedSchema feed, string key)
    {
        lock (_gate)
            _keys.Remove((feed, key));
        connection.Account!.Usage.Release();
    }

    public void OnRightsLost(bool isOver)
    {
        if (!isOver && !HasLost())
            return;
        if (connection.Close(WebSocketCloseStatus.PolicyViolation, ReasonFor(isOver)))
        {
            broker.Counters.RightsLost();
            GatewayLog.RightsLost(broker.Logger, connection.Id, connection.Account!.Name);
        }
    }

    private bool HasLost()
    {
        lock (_gate)
            return _keys.Exists(key => !connection.Account!.MayRegister(key.Feed, key.Key));
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

/// <summary>A connection in the broker's protocol, whose frames are counted for the account that it is of.</summary>
internal sealed class ConsumerConnection(IClientConnection connection) : IClientConnection
{
    private volatile Account? _account;

    /// <summary>Whose it is; <see langword="null"/> while that is not known.</summary>
    public Account? Account
    {
        get => _account;
        set => _account = value;
    }

    public long Id => connection.Id;

    public long FramesSent => connection.FramesSent;

    public bool IsFull => connection.IsFull;

    public long WaitingBytes => connection.WaitingBytes;

    public bool IsSilent => connection.IsSilent;

    public bool HasClosed => connection.HasClosed;

    public bool TakesServerEvents => connection.TakesServerEvents;

    public void OnBegun() => connection.OnBegun();

    public void OnRefused(BrokerCode code) => connection.OnRefused(code);

    public bool IsBehind => connection.IsBehind;

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text) => connection.Send(kind, text) && Count(kind == MessageKind.Data ? 1 : 0);

    public bool Send(in SharedFrames frames) => connection.Send(frames) && Count(frames.Count);

    public Task WaitForRoomAsync() => connection.WaitForRoomAsync();

    public bool Close(WebSocketCloseStatus status, string reason) => connection.Close(status, reason);

    public void Break() => connection.Break();

    public void Cut() => connection.Cut();

    private bool Count(int frames)
    {
        if (frames > 0)
            _account?.Counts.AddDelivered(frames);
        return true;
    }
}
