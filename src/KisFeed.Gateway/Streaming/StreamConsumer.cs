using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>One stream over HTTP: subscribes to keys at the hub, and ends the stream. Thread-safe; requests of its client come one at a time.</summary>
internal sealed class StreamConsumer : IAccountConnection, IDisposable
{
    /// <summary>How long a client has to read the last items of an ended stream. By the system's clock: it limits the client.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The same for a slow client.</summary>
    private static readonly TimeSpan s_slowDrainTimeout = TimeSpan.FromSeconds(10);

    private readonly Account _account;
    private readonly FeedHub _hub;
    private readonly StreamDispatcher _dispatcher;
    private readonly bool _canSubscribe;
    private readonly HubConsumer _hubConsumer;
    private readonly HistorySource? _source;
    private readonly Lock _pastsGate = new();
    private readonly List<StreamPast> _pasts = []; // Those that are not joined yet.
    private readonly Queue<StreamPast> _unreadPasts = new();
    private readonly Lock _abortGate = new();
    private readonly Action _abort;
    private readonly ITimer _abortTimer;
    private bool _isDisposed;
    private bool _isDropped;
    private int _hasEnded;
    private volatile bool _isAttached;

    /// <summary>Creates a stream without keys.</summary>
    /// <param name="account">The consumer's account.</param>
    /// <param name="hub">Registers keys upstream.</param>
    /// <param name="dispatcher">Dispatches items to the stream.</param>
    /// <param name="request">The parameters of the stream.</param>
    /// <param name="limits">The limits of its queue.</param>
    /// <param name="abort">Aborts its connection.</param>
    /// <param name="source">The recorded past; <see langword="null"/> if the gateway does not record.</param>
    /// <param name="time">The clock for the time that a client has to read the last items. Default: the system's.</param>
    public StreamConsumer(
        Account account, FeedHub hub, StreamDispatcher dispatcher, StreamRequest request, StreamLimits limits, Action abort, HistorySource? source = null, TimeProvider? time = null)
    {
        _source = source;
        _account = account;
        _hub = hub;
        _dispatcher = dispatcher;
        _canSubscribe = request.IsWebSocket;
        _hubConsumer = account.HubConsumer();
        Names = request.Names;
        Items = new StreamControlItems(request.Names);
        Queue = new StreamQueue(limits, account.Counts, dispatcher.Counters);
        _abort = abort;
        _abortTimer = (time ?? TimeProvider.System).CreateTimer(static state => ((StreamConsumer)state!).Abort(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The naming style of JSON members.</summary>
    public NameStyle Names { get; }

    /// <summary>Creates the items of this stream alone.</summary>
    public StreamControlItems Items { get; }

    /// <summary>The items that wait to be sent.</summary>
    public StreamQueue Queue { get; }

    /// <summary>Called for each key that the stream gets.</summary>
    public Action<StreamTarget>? Granted { get; init; }

    /// <summary>The consumer whose upstream places the keys take.</summary>
    public HubConsumer HubConsumer => _hubConsumer;

    public QueueDepth QueueDepth => Queue.Depth;

    /// <summary>Whether the stream has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <summary>The close status for a WebSocket when the stream has ended.</summary>
    public WebSocketCloseStatus CloseStatus { get; private set; } = WebSocketCloseStatus.NormalClosure;

    /// <summary>The close reason.</summary>
    public string CloseReason { get; private set; } = "";

    /// <summary>Subscribes to keys. Their items arrive once upstream has answered for all of them.</summary>
    /// <param name="targets">The keys. Keys that the stream has already are confirmed again.</param>
    /// <param name="start">The items that the stream sends before new data.</param>
    /// <returns>The refused keys. The caller sends them to the client.</returns>
    public async Task<IReadOnlyList<StreamRefusal>> SubscribeAsync(IReadOnlyList<StreamTarget> targets, StreamStart start)
    {
        var existing = Subscriptions().Select(s => s.Target).ToHashSet();
        foreach (var target in targets.Where(existing.Contains))
            Send(Items.Subscribed(target, _hub.IsRegistered(new HubKey(target.Feed.TrId, target.Key))));
        var results = await Task.WhenAll(targets.Distinct().Where(t => !existing.Contains(t)).Select(AcquireAsync)).ConfigureAwait(false);
        var granted = results.Where(r => r.Refusal is null).Select(r => (r.Subscription, _hub.IsRegistered(r.Subscription.Lease!.Key))).ToList();
        foreach (var (subscription, _) in granted)
            Granted?.Invoke(subscription.Target);
        var refusals = results.Select(r => r.Refusal).OfType<StreamRefusal>().ToList();
        if (granted.Count > 0 && PlaceIn(granted.Select(g => g.Subscription.Target), start) is { } place)
        {
            Begin(granted, place, start.After);
        }
        else
        {
            foreach (var (lost, code) in _dispatcher.Attach(this, granted, start))
            {
                Free(lost);
                refusals.Add(RefusalBy(lost.Target, code));
            }
        }

        _isAttached = true;

        // The account may have lost rights before the subscriptions were attached.
        Restrict();
        return refusals;
    }

    /// <summary>Takes the next recorded past that is to be written; <see langword="null"/> if there is none.</summary>
    public StreamPast? TakePast()
    {
        lock (_pastsGate)
            return _unreadPasts.TryDequeue(out var past) ? past : null;
    }

    /// <summary>Attaches the subscriptions of a past that has been read.</summary>
    /// <param name="past">The past.</param>
    /// <param name="readUntil">The time before which everything has been read.</param>
    public StreamJoin Join(StreamPast past, DateTimeOffset readUntil)
    {
        IReadOnlyList<StreamSubscription> subscriptions;
        lock (_pastsGate)
            subscriptions = _pasts.Remove(past) ? past.Subscriptions : [];
        var join = _dispatcher.Join(this, subscriptions, readUntil);
        foreach (var (lost, code) in join.Lost)
        {
            Free(lost);
            Send([RefusalBy(lost.Target, code)]);
        }

        Restrict();
        return join;
    }

    /// <summary>Counts recorded items that the client has taken.</summary>
    public void CountRecorded(int count)
    {
        _account.Counts.AddDelivered(count);
        _dispatcher.Counters.AddSent(count);
    }

    /// <summary>Sends refusals.</summary>
    public void Send(IEnumerable<StreamRefusal> refusals)
    {
        foreach (var refusal in refusals)
            Send(Items.Refused(refusal.Target, refusal.Code, refusal.Reason));
    }

    /// <summary>Sends an item of this stream alone.</summary>
    public void Send(StreamItem item)
    {
        var result = Queue.Enqueue(item);
        if (result.HasFlag(EnqueueResult.Wake))
            Queue.Wake();
        if (result.HasFlag(EnqueueResult.Overflow))
            OnOverflow();
    }

    /// <summary>Unsubscribes from a key. The client gets the confirmation after the key's last item.</summary>
    /// <returns><see langword="false"/> if the stream does not have the key.</returns>
    public bool Unsubscribe(StreamTarget target)
    {
        if (_dispatcher.SubscriptionsOf(this).FirstOrDefault(s => s.Target == target) is not { } subscription || !_dispatcher.Detach(subscription, Items.Unsubscribed(target)))
            return false;
        Free(subscription);
        return true;
    }

    /// <summary>Ends the stream after the items that wait and the reason. A client that does not read them in time is disconnected.</summary>
    /// <param name="reason">The reason that the client gets.</param>
    /// <param name="status">The close status for a WebSocket.</param>
    public void End(string reason, WebSocketCloseStatus status) => End(reason, status, s_drainTimeout);

    private void End(string reason, WebSocketCloseStatus status, TimeSpan drainTimeout)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        CloseStatus = status;
        CloseReason = reason;
        _abortTimer.Change(drainTimeout, Timeout.InfiniteTimeSpan);
        if (Queue.Complete(StreamControlItems.End(reason)).HasFlag(EnqueueResult.Wake))
            Queue.Wake();
    }

    /// <summary>Ends the stream at the client's request. Waiting items are discarded.</summary>
    /// <param name="status">The status to answer with.</param>
    public void EndByClient(WebSocketCloseStatus status)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return;
        CloseStatus = status;
        _abortTimer.Change(s_drainTimeout, Timeout.InfiniteTimeSpan);
        Drop();
    }

    /// <summary>Discards what waits: the client is gone.</summary>
    public void Drop()
    {
        if (Queue.Drop().HasFlag(EnqueueResult.Wake))
            Queue.Wake();
    }

    /// <summary>Called when the queue is full and the client chose to be disconnected then.</summary>
    public void OnOverflow()
    {
        _account.Counts.AddSlowClose();
        _dispatcher.Counters.AddSlowClose();
        End("the stream's queue is full because the client reads too slowly; reconnect with last_event_id", WebSocketCloseStatus.PolicyViolation, s_slowDrainTimeout);
    }

    public void OnRightsLost(bool isOver)
    {
        if (isOver)
            End("this consumer may no longer use the gateway", WebSocketCloseStatus.PolicyViolation);
        else
            Restrict();
    }

    /// <summary>Unsubscribes from all keys.</summary>
    public void Dispose()
    {
        Drop();
        foreach (var subscription in TakePasts().Concat(_dispatcher.Remove(this)))
            Free(subscription);
        lock (_abortGate)
            _isDisposed = true;
        _abortTimer.Dispose();
    }

    private StreamRefusal RefusalBy(StreamTarget target, BrokerCode code) => new(target, code, target.Feed.IsNotice && !_hub.HasNotices
        ? "this gateway reads from a cluster, to which order notices are never published: connect to the gateway that has the session of the account"
        : $"the service refused the key: {code.AdviceFor(target.Feed)}");

    private StreamRefusal RefusalBy(StreamTarget target, BrokerCode code, ConsumerLimit limit)
    {
        _account.Usage.Refuse(limit);
        return new StreamRefusal(target, code, limit == ConsumerLimit.Places
            ? "this consumer has reached its limit of upstream registrations (by default half of them while other consumers are connected): unsubscribe from a key, or ask the operator to raise the limit"
            : $"this consumer has reached its limit of new registrations ({_hubConsumer.NewRegistrations.PerMinute} per minute, {_hubConsumer.NewRegistrations.PerHour} per hour): change keys less often, and try again later");
    }

    // The timer may fire during its disposal, when the connection may already serve another request.
    private void Abort()
    {
        lock (_abortGate)
        {
            if (!_isDisposed)
                _abort();
        }
    }

    private async Task<(StreamSubscription Subscription, StreamRefusal? Refusal)> AcquireAsync(StreamTarget target)
    {
        var subscription = StreamDispatcher.NewSubscription(this, target);
        if (!_account.Usage.TryRegister())
            return (subscription, new StreamRefusal(target, BrokerCode.TooManySubscriptions, "this consumer has reached its registration limit: unsubscribe from a key, or ask the operator to raise the limit"));
        var lease = await _hub.AcquireAsync(target.Feed, target.Key, _hubConsumer, code => OnEnded(subscription, code)).ConfigureAwait(false);
        subscription.Lease = lease;
        if (lease.Refusal is not { } code)
            return (subscription, null);
        Free(subscription);
        return (subscription, lease.Limit is { } limit ? RefusalBy(target, code, limit) : RefusalBy(target, code));
    }

    private void Restrict()
    {
        bool isPastForbidden;
        lock (_pastsGate)
            isPastForbidden = _pasts.Exists(past => past.Subscriptions.Any(s => !_account.MayRegister(s.Target.Feed, s.Target.Key)));
        if (isPastForbidden)
        {
            End("the right to a feed of this stream was revoked while its recorded data was sent", WebSocketCloseStatus.PolicyViolation);
            return;
        }

        foreach (var subscription in _dispatcher.SubscriptionsOf(this).Where(s => !_account.MayRegister(s.Target.Feed, s.Target.Key)))
        {
            if (_dispatcher.Detach(subscription, Items.Refused(subscription.Target, null, "the right to this feed was revoked")))
                Free(subscription);
        }

        EndWhenEmpty();
    }

    // Called by the hub, which must not be called back from here.
    private void OnEnded(StreamSubscription subscription, BrokerCode code)
    {
        if (!_dispatcher.EndByUpstream(subscription, code))
            return;
        _dispatcher.Counters.AddKeyLost();
        if (subscription.TryFree())
            _account.Usage.Release();
        EndWhenEmpty();
    }

    private void EndWhenEmpty()
    {
        if (_isAttached && !_canSubscribe && Subscriptions().Count == 0)
            End("all requested keys were refused or released", WebSocketCloseStatus.NormalClosure);
    }

    // The place behind which the recorded past is read first; null if it is not.
    private HistoryPosition? PlaceIn(IEnumerable<StreamTarget> targets, StreamStart start)
    {
        if (_source is null || !targets.All(t => _source.Has(t.Feed)))
            return null;
        if (start.After is null)
            return start.From;

        // A position from the future is of another gateway, or of before the clock was set back. Nothing is recorded behind it, and the stream does not wait for it.
        return StreamId.TryParse(start.After, out var id) && !_dispatcher.CanResume(id, targets) && id.Position.At <= _source.Time.GetUtcNow() ? id.Position : null;
    }

    private void Begin(List<(StreamSubscription Subscription, bool IsRegistered)> granted, HistoryPosition place, string? afterId)
    {
        var past = new StreamPast(this, _source!, [.. granted.Select(g => g.Subscription)], place, afterId);
        lock (_pastsGate)
        {
            if (_isDropped)
            {
                granted.ForEach(g => Free(g.Subscription));
                return;
            }

            _pasts.Add(past);
        }

        _dispatcher.Add(this);
        foreach (var (subscription, isRegistered) in granted)
            Send(Items.Subscribed(subscription.Target, isRegistered));
        lock (_pastsGate)
            _unreadPasts.Enqueue(past);
        if (Queue.Nudge().HasFlag(EnqueueResult.Wake))
            Queue.Wake();
    }

    private List<StreamSubscription> Subscriptions()
    {
        lock (_pastsGate)
            return [.. _dispatcher.SubscriptionsOf(this), .. _pasts.SelectMany(past => past.Subscriptions)];
    }

    private List<StreamSubscription> TakePasts()
    {
        lock (_pastsGate)
        {
            _isDropped = true;
            List<StreamSubscription> taken = [.. _pasts.SelectMany(past => past.Subscriptions)];
            _pasts.Clear();
            _unreadPasts.Clear();
            return taken;
        }
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

/// <summary>A stream's subscription to a key.</summary>
/// <param name="target">The key.</param>
internal abstract class StreamSubscription(StreamTarget target)
{
    private int _isFreed;

    public StreamTarget Target => target;

    /// <summary>The hub's lease of the key. Set once, by the consumer.</summary>
    public Lease? Lease { get; set; }

    /// <summary>Whether the places upstream and of the account must still be given back; <see langword="true"/> once.</summary>
    public bool TryFree() => Interlocked.Exchange(ref _isFreed, 1) == 0;
}

/// <summary>A key that a stream does not get.</summary>
/// <param name="Target">The key.</param>
/// <param name="Code">The broker's code; <see langword="null"/> if the broker was not asked.</param>
/// <param name="Reason">The reason, and what to do.</param>
internal sealed record StreamRefusal(StreamTarget Target, BrokerCode? Code, string Reason);
