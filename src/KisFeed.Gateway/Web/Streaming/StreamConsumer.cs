using System.Net.WebSockets;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>One stream of plain HTTP: the keys that it has, and what waits for it. For any thread; its wishes come one at a time.</summary>
internal sealed class StreamConsumer : IAccountConnection, IDisposable
{
    /// <summary>How long a client has to read what is left once its stream has ended. By the system's clock: it guards against the peer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The same for one that is known to be slow.</summary>
    private static readonly TimeSpan s_longPatience = TimeSpan.FromSeconds(10);

    private readonly Account _account;
    private readonly FeedHub _hub;
    private readonly StreamDispatcher _side;
    private readonly bool _canAsk;
    private readonly HubConsumer _atHub;
    private readonly Lock _cutting = new();
    private readonly Action _abort;
    private readonly ITimer _patience;
    private bool _isDisposed;
    private long _lastNoted;
    private int _hasEnded;
    private volatile bool _isAttached;

    /// <summary>A stream that has nothing yet.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="hub">Where keys are asked for.</param>
    /// <param name="side">Where their items come from.</param>
    /// <param name="request">What it is to be like.</param>
    /// <param name="limits">How much may wait for it.</param>
    /// <param name="abort">Breaks its connection off.</param>
    /// <param name="time">The clock for the time that a client has to read what is left. Default: the system's.</param>
    public StreamConsumer(Account account, FeedHub hub, StreamDispatcher side, StreamRequest request, StreamLimits limits, Action abort, TimeProvider? time = null)
    {
        _account = account;
        _hub = hub;
        _side = side;
        _canAsk = request.IsWebSocket;
        _atHub = account.AtHub();
        Names = request.Names;
        Items = new StreamControlItems(request.Names);
        Queue = new StreamQueue(limits, account.Counts, side.Counters);
        _abort = abort;
        _patience = (time ?? TimeProvider.System).CreateTimer(static state => ((StreamConsumer)state!).Cut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Which names members bear.</summary>
    public NameStyle Names { get; }

    /// <summary>Writes the items that are its alone.</summary>
    public StreamControlItems Items { get; }

    /// <summary>What waits for it.</summary>
    public StreamQueue Queue { get; }

    /// <summary>Called for each key that it is given.</summary>
    public Action<StreamTarget>? Granted { get; init; }

    /// <summary>Whose places its keys take.</summary>
    public HubConsumer AtHub => _atHub;

    public QueueDepth Waiting => Queue.Waiting;

    /// <summary>The keys that it has. Under the lock of the <see cref="StreamDispatcher"/>.</summary>
    public Dictionary<KeyChannel, StreamSubscription> Subscriptions { get; } = [];

    /// <summary>Whether it has been ended, by whomever.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>With which status a WebSocket is closed when the stream has ended by itself.</summary>
    public WebSocketCloseStatus CloseStatus { get; private set; } = WebSocketCloseStatus.NormalClosure;

    /// <summary>And with which reason.</summary>
    public string CloseReason { get; private set; } = "";

    /// <summary>Asks for keys. What comes of them comes as soon as upstream has answered for all of them.</summary>
    /// <param name="targets">The keys. Of those it has already it is told that it has them.</param>
    /// <param name="start">What it wants to know first.</param>
    /// <returns>Why it does not get some of them. It has not been told.</returns>
    public async Task<IReadOnlyList<StreamRefusal>> SubscribeAsync(IReadOnlyList<StreamTarget> targets, StreamStart start)
    {
        var had = _side.Of(this).Select(s => s.Target).ToHashSet();
        foreach (var target in targets.Where(had.Contains))
            Tell(Items.Subscribed(target, _hub.IsRegistered(new HubKey(target.Feed.TrId, target.Key))));
        var asked = await Task.WhenAll(targets.Distinct().Where(t => !had.Contains(t)).Select(AskAsync)).ConfigureAwait(false);
        var granted = asked.Where(a => a.Refusal is null).Select(a => (a.Subscription, _hub.IsRegistered(a.Subscription.Lease!.Key))).ToList();
        foreach (var (subscription, _) in granted)
            Granted?.Invoke(subscription.Target);
        var refusals = asked.Select(a => a.Refusal).OfType<StreamRefusal>().ToList();
        foreach (var lost in _side.Attach(this, granted, start))
        {
            Free(lost);
            refusals.Add(RefusalBy(lost.Target, lost.EndedBy!.Value));
        }

        _isAttached = true;

        // What the account has lost since it was asked was not told to what was not attached yet.
        Restrict();
        return refusals;
    }

    /// <summary>Says that it does not get some keys.</summary>
    public void Tell(IEnumerable<StreamRefusal> refusals)
    {
        foreach (var refusal in refusals)
            Tell(Items.Refused(refusal.Target, refusal.Code, refusal.Reason));
    }

    /// <summary>Sends an item that is its alone.</summary>
    public void Tell(StreamItem item)
    {
        var post = Queue.Post(item, null);
        if (post.HasFlag(PostResult.Wake))
            Queue.Wake();
        if (post.HasFlag(PostResult.Overrun))
            OnOverrun();
    }

    /// <summary>Gives a key back. It is told so, behind the last item of it.</summary>
    /// <returns><see langword="false"/> where it does not have it.</returns>
    public bool Unsubscribe(StreamTarget target)
    {
        if (_side.Of(this).FirstOrDefault(s => s.Target == target) is not { } subscription || !_side.Detach(subscription, Items.Unsubscribed(target)))
            return false;
        Free(subscription);
        return true;
    }

    /// <summary>Ends the stream: what waits is still sent, and why it ends. A client that does not read that soon is cut off.</summary>
    /// <param name="reason">Why, for people.</param>
    /// <param name="status">Why, for WebSockets.</param>
    public void End(string reason, WebSocketCloseStatus status) => End(reason, status, s_patience);

    private void End(string reason, WebSocketCloseStatus status, TimeSpan patience)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        CloseStatus = status;
        CloseReason = reason;
        _patience.Change(patience, Timeout.InfiniteTimeSpan);
        if (Queue.Complete(StreamControlItems.End(reason)).HasFlag(PostResult.Wake))
            Queue.Wake();
    }

    /// <summary>Ends the stream because its client ends it: what waits is not wanted any more.</summary>
    /// <param name="status">The status to answer with.</param>
    public void EndAsAsked(WebSocketCloseStatus status)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        CloseStatus = status;
        _patience.Change(s_patience, Timeout.InfiniteTimeSpan);
        Drop();
    }

    /// <summary>Ends the stream at once: nobody reads it any more.</summary>
    public void Drop()
    {
        if (Queue.Drop().HasFlag(PostResult.Wake))
            Queue.Wake();
    }

    /// <summary>It is not read as fast as items come, and wants to be ended then.</summary>
    public void OnOverrun()
    {
        _account.Counts.AddSlowClose();
        _side.Counters.AddSlowClose();
        End("more waits for this stream than may: it is not read as fast as items come; go on with the id of the last item", WebSocketCloseStatus.PolicyViolation, s_longPatience);
    }

    /// <summary>Whether an item that comes by several keys is new to it. Under the lock of the <see cref="StreamDispatcher"/>.</summary>
    public bool TryNote(StreamItem item)
    {
        var isNew = _lastNoted != item.Number;
        _lastNoted = item.Number;
        return isNew;
    }

    public void OnRightsLost(bool isOver)
    {
        if (isOver)
            End("the consumer that this stream was opened for may no longer use the gateway", WebSocketCloseStatus.PolicyViolation);
        else
            Restrict();
    }

    /// <summary>Gives back all that it has.</summary>
    public void Dispose()
    {
        Drop();
        foreach (var subscription in _side.Forget(this))
            Free(subscription);
        lock (_cutting)
            _isDisposed = true;
        _patience.Dispose();
    }

    private static StreamRefusal RefusalBy(StreamTarget target, BrokerCode code) => new(target, code, $"the service does not give it: {code.Advice}");

    private StreamRefusal RefusalBy(StreamTarget target, BrokerCode code, ConsumerLimit limit)
    {
        _account.Usage.Refuse(limit);
        return new StreamRefusal(target, code, limit == ConsumerLimit.Places
            ? "this consumer holds as many of upstream's places as it may, which is half of them while others are connected and nothing else is set: unsubscribe from a key, or have its limit raised"
            : $"this consumer has asked for as many new keys as it may ({_atHub.NewRegistrations.PerMinute} a minute, {_atHub.NewRegistrations.PerHour} an hour): keep keys instead of changing them, and try again later");
    }

    // A timer that has gone off already is not held back by its disposal, and the connection may be somebody else's after that.
    private void Cut()
    {
        lock (_cutting)
        {
            if (!_isDisposed)
                _abort();
        }
    }

    private async Task<(StreamSubscription Subscription, StreamRefusal? Refusal)> AskAsync(StreamTarget target)
    {
        var subscription = new StreamSubscription(this, target);
        if (!_account.Usage.TryRegister())
            return (subscription, new StreamRefusal(target, BrokerCode.TooManySubscriptions, "this consumer has as many registrations as it may: end some, or have its limit raised"));
        var lease = await _hub.AcquireAsync(target.Feed, target.Key, _atHub, code => OnEnded(subscription, code)).ConfigureAwait(false);
        subscription.Lease = lease;
        if (lease.Refusal is not { } code)
            return (subscription, null);
        Free(subscription);
        return (subscription, lease.Limit is { } limit ? RefusalBy(target, code, limit) : RefusalBy(target, code));
    }

    private void Restrict()
    {
        foreach (var subscription in _side.Of(this).Where(s => !_account.MayRegister(s.Feed, s.Target.Key)))
        {
            if (_side.Detach(subscription, Items.Refused(subscription.Target, null, "the right to this feed was taken away")))
                Free(subscription);
        }

        EndWhenEmpty();
    }

    // Under the hub's lock.
    private void OnEnded(StreamSubscription subscription, BrokerCode code)
    {
        if (!_side.EndByUpstream(subscription, code))
            return;
        _side.Counters.AddKeyLost();
        if (subscription.TryFree())
            _account.Usage.Release();
        EndWhenEmpty();
    }

    private void EndWhenEmpty()
    {
        if (_isAttached && !_canAsk && _side.Of(this).Count == 0)
            End("none of the keys that were asked for is left", WebSocketCloseStatus.NormalClosure);
    }

    private void Free(StreamSubscription subscription)
    {
        if (!subscription.TryFree())
            return;
        _account.Usage.Release();
        if (subscription.Lease is { } lease)
            _hub.Release(lease);
    }
}
