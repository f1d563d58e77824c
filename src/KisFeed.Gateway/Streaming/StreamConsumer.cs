using System.IO.Pipelines;
using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// One stream over HTTP: subscribes to keys at the hub, and ends the stream. Thread-safe; requests of its client come one at a time.
/// </summary>
internal sealed class StreamConsumer : IAccountConnection, IDisposable
{
    private readonly Account _account;
    private readonly FeedHub _hub;
    private readonly StreamDispatcher _dispatcher;
    private readonly bool _canSubscribe;
    private readonly bool _isPage;
    private readonly HistorySource? _source;
    private readonly Lock _pastsGate = new();
    private readonly List<StreamPast> _pasts = []; // Those that are not joined yet.
    private readonly Queue<StreamPast> _unreadPasts = new();
    private bool _isDropped;
    private volatile bool _isAttached;

    public StreamConsumer(
        Account account, FeedHub hub, StreamDispatcher dispatcher, StreamRequest request, long queueBytes, Action abort,
        HistorySource? source = null)
    {
        _source = source;
        _account = account;
        _hub = hub;
        _dispatcher = dispatcher;
        _canSubscribe = request.IsWebSocket;
        _isPage = request.IsPage;
        HubConsumer = account.HubConsumer();
        var limits = new StreamLimits(request.Records, queueBytes, request.OverflowPolicy);
        Outlet = new StreamOutlet(limits, request.Names, account.Counts, dispatcher.Counters, abort);
    }

    public StreamOutlet Outlet { get; }

    public Action<StreamTarget>? Granted { get; init; }

    public HubConsumer HubConsumer { get; }

    public QueueDepth QueueDepth => Outlet.Queue.Depth;

    /// <summary>Writes the recorded past and what waits, until the stream has ended or the client is gone.</summary>
    public async Task RunAsync(IStreamFormatter formatter, PipeWriter output, CancellationToken cancellationToken)
    {
        var writer = new OutletWriter(Outlet, formatter, output);
        while (!writer.IsGone && await Outlet.Queue.WaitAsync().ConfigureAwait(false))
        {
            await writer.WriteWaitingAsync(cancellationToken).ConfigureAwait(false);
            StreamPast? past;
            lock (_pastsGate)
                _unreadPasts.TryDequeue(out past);
            if (past is not null)
                await past.RunAsync(writer, Join, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Subscribes to keys. Their items arrive once upstream has answered for all of them.</summary>
    /// <param name="targets">The keys. Keys that the stream has already are confirmed again.</param>
    /// <param name="start">The items that the stream sends before new data.</param>
    /// <returns>The refused keys. The caller sends them to the client.</returns>
    public async Task<IReadOnlyList<StreamRefusal>> SubscribeAsync(IReadOnlyList<StreamTarget> targets, StreamStart start)
    {
        var existing = Subscriptions().Select(s => s.Target).ToHashSet();
        foreach (var target in targets.Where(existing.Contains))
            Outlet.Send(Outlet.Items.Subscribed(target, _hub.IsRegistered(new HubKey(target.Feed.TrId, target.Key))));
        var results = await Task.WhenAll(targets.Distinct().Where(t => !existing.Contains(t)).Select(AcquireAsync)).ConfigureAwait(false);
        var granted = results.Where(r => r.Refusal is null).Select(r => (r.Subscription, _hub.IsRegistered(r.Subscription.Claim!.Key)))
            .ToList();
        foreach (var (subscription, _) in granted)
            Granted?.Invoke(subscription.Target);
        var refusals = results.Select(r => r.Refusal).OfType<StreamRefusal>().ToList();
        if (granted.Count > 0 && PositionIn(granted.Select(g => g.Subscription.Target), start) is { } position)
        {
            Begin(granted, position, start.After);
        }
        else
        {
            foreach (var (lost, code) in _dispatcher.Attach(Outlet, granted, start))
            {
                Free(lost);
                refusals.Add(RefusalBy(lost.Target, code));
            }
        }

        if (_dispatcher.Ended is { } reason)
            Outlet.End(reason, WebSocketCloseStatus.EndpointUnavailable);

        _isAttached = true;

        // The account may have lost rights before the subscriptions were attached.
        Restrict();
        return refusals;
    }

    public void Send(IEnumerable<StreamRefusal> refusals)
    {
        foreach (var refusal in refusals)
            Outlet.Send(Outlet.Items.Refused(refusal.Target, refusal.Code, refusal.Reason));
    }

    /// <summary>Unsubscribes from a key. The client gets the confirmation after the key's last item.</summary>
    /// <returns><see langword="false"/> if the stream does not have the key.</returns>
    public bool Unsubscribe(StreamTarget target)
    {
        if (_dispatcher.SubscriptionsOf(Outlet).FirstOrDefault(s => s.Target == target) is not { } subscription
            || !_dispatcher.Detach(subscription, Outlet.Items.Unsubscribed(target)))
        {
            return false;
        }

        Free(subscription);
        return true;
    }

    public void OnRightsLost(bool isOver)
    {
        if (isOver)
            Outlet.End("this consumer may no longer use the gateway", WebSocketCloseStatus.PolicyViolation);
        else
            Restrict();
    }

    public void Dispose()
    {
        Outlet.Dispose();
        foreach (var subscription in TakePasts().Concat(_dispatcher.Remove(Outlet)))
            Free(subscription, closesPage: _isPage);
    }

    // Attaches the subscriptions of a past that has been read.
    private StreamJoin Join(StreamPast past, DateTimeOffset readUntil)
    {
        IReadOnlyList<StreamSubscription> subscriptions;
        lock (_pastsGate)
            subscriptions = _pasts.Remove(past) ? past.Subscriptions : [];
        var join = _dispatcher.Join(subscriptions, readUntil);
        foreach (var (lost, code) in join.Lost)
        {
            Free(lost);
            Send([RefusalBy(lost.Target, code)]);
        }

        Restrict();
        return join;
    }

    private StreamRefusal RefusalBy(StreamTarget target, BrokerCode code) => new(target, code, target.Feed.IsNotice && !_hub.HasNotices
        ? "this gateway reads from a cluster, to which order notices are never published: connect to the gateway that "
            + "has the session of the account"
        : $"the service refused the key: {code.AdviceFor(target.Feed)}");

    private StreamRefusal RefusalBy(StreamTarget target, BrokerCode code, ConsumerLimit limit)
    {
        _account.Usage.Refuse(limit);
        return new StreamRefusal(target, code, limit == ConsumerLimit.Slots
            ? "this consumer has reached its limit of upstream registrations (by default half of them while other consumers are "
                + "connected): unsubscribe from a key, or ask the operator to raise the limit"
            : $"this consumer has reached its limit of new registrations ({HubConsumer.NewRegistrations.PerMinute} per minute, "
                + $"{HubConsumer.NewRegistrations.PerHour} per hour): change keys less often, and try again later");
    }

    private async Task<(StreamSubscription Subscription, StreamRefusal? Refusal)> AcquireAsync(StreamTarget target)
    {
        var subscription = StreamDispatcher.NewSubscription(Outlet, target);
        if (!_account.Usage.TryRegister())
        {
            return (subscription,
                new StreamRefusal(target, BrokerCode.TooManySubscriptions,
                    "this consumer has reached its registration limit: unsubscribe from a key, or ask the operator to raise the limit"));
        }
        var claim = await _hub.AcquireAsync(
            target.Feed, target.Key, HubConsumer, code => OnEnded(subscription, code)).ConfigureAwait(false);
        subscription.Claim = claim;
        if (claim.Refusal is not { } code)
            return (subscription, null);
        Free(subscription);
        return (subscription, claim.Limit is { } limit ? RefusalBy(target, code, limit) : RefusalBy(target, code));
    }

    private void Restrict()
    {
        bool isPastForbidden;
        lock (_pastsGate)
            isPastForbidden = _pasts.Exists(past => past.Subscriptions.Any(s => !_account.MayRegister(s.Target.Feed, s.Target.Key)));
        if (isPastForbidden)
        {
            Outlet.End(
                "the right to a feed of this stream was revoked while its recorded data was sent", WebSocketCloseStatus.PolicyViolation);
            return;
        }

        foreach (var subscription in _dispatcher.SubscriptionsOf(Outlet).Where(s => !_account.MayRegister(s.Target.Feed, s.Target.Key)))
        {
            if (_dispatcher.Detach(subscription, Outlet.Items.Refused(subscription.Target, null, "the right to this feed was revoked")))
                Free(subscription);
        }

        EndWhenEmpty();
    }

    // Called by the hub, which must not be called back from here.
    private void OnEnded(StreamSubscription subscription, BrokerCode code)
    {
        var last = Outlet.Items.Refused(subscription.Target, code, $"the service no longer provides the key: {code.Advice}");
        if (!_dispatcher.Detach(subscription, last, code))
            return;
        _dispatcher.Counters.KeysLost.Add();
        if (subscription.TryFree())
            _account.Usage.Release();
        EndWhenEmpty();
    }

    private void EndWhenEmpty()
    {
        if (_isAttached && !_canSubscribe && Subscriptions().Count == 0)
            Outlet.End("all requested keys were refused or released", WebSocketCloseStatus.NormalClosure);
    }

    // The position behind which the recorded past is read first; null if it is not.
    private HistoryPosition? PositionIn(IEnumerable<StreamTarget> targets, StreamStart start)
    {
        if (_source is null || !targets.All(t => _source.Has(t.Feed)))
            return null;
        if (start.After is null)
            return start.From;

        // A position from the future is of another gateway, or of before the clock was set back. Nothing is recorded behind it,
        // and the stream does not wait for it.
        return StreamId.TryParse(start.After, out var id)
            && !_dispatcher.CanResume(id, targets)
            && id.Position.At <= _source.Time.GetUtcNow()
            ? id.Position
            : null;
    }

    private void Begin(List<(StreamSubscription Subscription, bool IsRegistered)> granted, HistoryPosition position, string? afterId)
    {
        var past = new StreamPast(Outlet, _source!, [.. granted.Select(g => g.Subscription)], position, afterId);
        lock (_pastsGate)
        {
            if (_isDropped)
            {
                granted.ForEach(g => Free(g.Subscription));
                return;
            }

            _pasts.Add(past);
        }

        _dispatcher.Attach(Outlet, [], StreamStart.Now);
        foreach (var (subscription, isRegistered) in granted)
            Outlet.Send(Outlet.Items.Subscribed(subscription.Target, isRegistered));
        lock (_pastsGate)
            _unreadPasts.Enqueue(past);
        Outlet.Queue.Nudge();
    }

    private List<StreamSubscription> Subscriptions()
    {
        lock (_pastsGate)
            return [.. _dispatcher.SubscriptionsOf(Outlet), .. _pasts.SelectMany(past => past.Subscriptions)];
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

    private void Free(StreamSubscription subscription, bool closesPage = false)
    {
        if (!subscription.TryFree())
            return;
        _account.Usage.Release();
        if (subscription.Claim is { } claim)
            _hub.Release(claim, closesPage);
    }
}

/// <summary>A key that a stream does not get.</summary>
/// <param name="Target">The key.</param>
/// <param name="Code">The broker's code; <see langword="null"/> if the broker was not asked.</param>
/// <param name="Reason">The reason, and what to do.</param>
internal sealed record StreamRefusal(StreamTarget Target, BrokerCode? Code, string Reason);
