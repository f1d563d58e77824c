using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// Dispatches frames and events from upstream to the streams that have their keys, and keeps a short history for streams that resume. It owns the subscriptions of all streams. Thread-safe; never waits for a stream.
/// </summary>
/// <remarks>It is called by the hub and calls the queues of streams. It knows neither the hub nor an account, so its lock can only be taken between theirs and a queue's.</remarks>
internal sealed partial class StreamDispatcher : IHubSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FeedState> _feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamConsumer, ConsumerState> _consumers = [];
    private readonly RecordReaderBuffer _buffer = new();
    private readonly List<StreamQueue> _toWake = [];
    private readonly List<KeyState> _withGaps = [];
    private readonly Dictionary<HubKey, Interruption> _interruptions = [];
    private readonly LastFrames _lastFrames;
    private readonly StreamHistory _history;
    private readonly TimeProvider _time;
    private readonly TimeSpan _historyAge;
    private readonly ITimer _timer;
    private long _number;
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;
    private HistoryPosition _lastPosition;
    private string? _ended;

    /// <summary>Creates a dispatcher without streams.</summary>
    /// <param name="lastFrames">The last frame of each key. It must receive each frame before this does.</param>
    /// <param name="options">How far back the history goes, and how often an idle stream gets a heartbeat.</param>
    public StreamDispatcher(LastFrames lastFrames, GatewayOptions options)
    {
        _lastFrames = lastFrames;
        _time = options.TimeProvider;
        _historyAge = options.HistoryAge;
        _history = new StreamHistory(options.HistoryBytes, options.HistoryAge, _time, OnForgotten);
        Renderer = new StreamItemRenderer(Epoch);

        // Twice as often, so that no stream is silent for longer than the option says.
        _timer = _time.CreateTimer(_ => Tick(), null, options.StreamHeartbeat / 2, options.StreamHeartbeat / 2);
    }

    /// <summary>Counts items sent and dropped over all streams.</summary>
    public StreamCounters Counters { get; } = new();

    /// <summary>Identifies this run of the gateway in the ids of items.</summary>
    public string Epoch { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Writes items as text.</summary>
    public StreamItemRenderer Renderer { get; }

    /// <summary>Why no streams are served any more; <see langword="null"/> while they are.</summary>
    public string? Ended
    {
        get
        {
            lock (_gate)
                return _ended;
        }
    }

    public void OnUpstreamEnded(string problem) => EndAll("upstream failed permanently; see the gateway's log for the reason");

    /// <summary>Ends every stream. New ones end at once.</summary>
    /// <param name="reason">The reason that clients get.</param>
    public void EndAll(string reason)
    {
        StreamConsumer[] consumers;
        lock (_gate)
        {
            _ended ??= reason;
            consumers = [.. _consumers.Keys];
        }

        foreach (var consumer in consumers)
            consumer.End(reason, WebSocketCloseStatus.EndpointUnavailable);
    }

    /// <summary>Creates a subscription that is not attached yet.</summary>
    public static StreamSubscription NewSubscription(StreamConsumer consumer, StreamTarget target) => new Route(consumer, target);

    /// <summary>Attaches subscriptions: the stream first gets the requested snapshot or past items, then all items of the keys.</summary>
    /// <param name="consumer">The stream.</param>
    /// <param name="granted">The subscriptions, and whether upstream has registered their keys.</param>
    /// <param name="start">The requested start: a snapshot, past items, or neither.</param>
    /// <returns>The subscriptions that upstream has ended meanwhile, with the broker's code. The stream does not have them.</returns>
    public IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> Attach(
        StreamConsumer consumer, IReadOnlyList<(StreamSubscription Subscription, bool IsRegistered)> granted, StreamStart start)
    {
        lock (_gate)
        {
            _consumers.TryAdd(consumer, new ConsumerState());
            var attached = granted.Select(g => (Route: (Route)g.Subscription, g.IsRegistered)).Where(g => g.Route.EndedBy is null).ToList();
            foreach (var (route, _) in attached)
                Add(route);
            var routes = attached.ConvertAll(g => g.Route);
            var after = start.After is { } text && StreamId.TryParse(text, out var id) ? NumberOf(id) : 0;
            if (start.After is not null)
            {
                var isComplete = after >= _history.ForgottenThrough && routes.TrueForAll(r => r.Key!.IsCompleteSince(after));
                Send(consumer, StreamControlItems.Resumed(start.After, isComplete));
                if (routes.Count > 0)
                    Counters.AddResumed(isComplete);
            }

            foreach (var (route, isRegistered) in attached)
                Send(consumer, consumer.Items.Subscribed(route.Target, isRegistered));
            if (start.After is not null)
                Replay(consumer, routes, after, start.HasSnapshot);
            else
                Begin(routes, start.HasSnapshot);
            if (_ended is { } reason)
                consumer.End(reason, WebSocketCloseStatus.EndpointUnavailable);
            WakeAll();
            return LostOf(granted.Select(g => g.Subscription));
        }
    }

    /// <summary>Adds a stream that has no key yet, because it first reads the recorded past.</summary>
    public void Add(StreamConsumer consumer)
    {
        lock (_gate)
        {
            _consumers.TryAdd(consumer, new ConsumerState());
            if (_ended is { } reason)
                consumer.End(reason, WebSocketCloseStatus.EndpointUnavailable);
        }
    }

    /// <summary>Whether nothing is missing after an item of this run: the history has everything.</summary>
    /// <param name="id">The id of the item.</param>
    /// <param name="targets">The keys.</param>
    public bool CanResume(StreamId id, IEnumerable<StreamTarget> targets)
    {
        lock (_gate)
        {
            var after = NumberOf(id);
            return after > 0 && after >= _history.ForgottenThrough && targets.All(t => _feeds.GetValueOrDefault(t.Feed.TrId)?.Find(t.Key)?.IsCompleteSince(after) == true);
        }
    }

    /// <summary>Attaches the subscriptions of a stream that has read the recorded past.</summary>
    /// <param name="consumer">The stream.</param>
    /// <param name="subscriptions">The subscriptions.</param>
    /// <param name="readUntil">The time before which the stream has read everything.</param>
    public StreamJoin Join(StreamConsumer consumer, IReadOnlyList<StreamSubscription> subscriptions, DateTimeOffset readUntil)
    {
        lock (_gate)
        {
            var routes = subscriptions.Cast<Route>().Where(r => r.EndedBy is null).ToList();
            foreach (var route in routes)
            {
                route.JoinsAt = readUntil > _lastAt ? readUntil : _lastAt.AddTicks(1);
                Add(route);
            }

            Begin(routes, hasSnapshot: false);
            WakeAll();
            return new StreamJoin(_lastAt, routes.Select(r => r.Key!.HubKey).Where(_interruptions.ContainsKey).ToHashSet(), LostOf(subscriptions));
        }
    }

    /// <summary>Detaches a subscription.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="last">The item that follows the key's last one.</param>
    /// <returns><see langword="false"/> if it was not attached.</returns>
    public bool Detach(StreamSubscription subscription, StreamItem last)
    {
        lock (_gate)
        {
            var route = (Route)subscription;
            if (!Remove(route))
                return false;
            Send(route.Consumer, last);
            WakeAll();
            return true;
        }
    }

    /// <summary>Ends a subscription because upstream refused or released its key. Called by the hub.</summary>
    /// <returns>Whether it was attached; its stream is notified then.</returns>
    public bool EndByUpstream(StreamSubscription subscription, BrokerCode code)
    {
        lock (_gate)
        {
            var route = (Route)subscription;
            route.EndedBy = code;
            if (!Remove(route))
                return false;
            Send(route.Consumer, route.Consumer.Items.Refused(route.Target, code, $"the service no longer provides the key: {code.Advice}"));
            WakeAll();
            return true;
        }
    }

    /// <summary>Removes a stream that has ended.</summary>
    /// <returns>The subscriptions that it had.</returns>
    public IReadOnlyList<StreamSubscription> Remove(StreamConsumer consumer)
    {
        lock (_gate)
        {
            if (!_consumers.TryGetValue(consumer, out var state))
                return [];
            var had = state.Routes.Values.ToArray();
            foreach (var route in had)
                Remove(route);
            _consumers.Remove(consumer);
            return had;
        }
    }

    /// <summary>The subscriptions of a stream.</summary>
    public IReadOnlyList<StreamSubscription> SubscriptionsOf(StreamConsumer consumer)
    {
        lock (_gate)
            return _consumers.TryGetValue(consumer, out var state) ? [.. state.Routes.Values] : [];
    }

    public void Dispose() => _timer.Dispose();

    private static IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> LostOf(IEnumerable<StreamSubscription> subscriptions) =>
        [.. subscriptions.Cast<Route>().Where(r => r.EndedBy is not null).Select(r => ((StreamSubscription)r, r.EndedBy!.Value))];

    // The number of an item of this run; 0 for others.
    private long NumberOf(StreamId id) => id.Epoch == Epoch && id.Number <= _number ? id.Number : 0;

    private void Add(Route route)
    {
        var schema = route.Target.Feed;
        if (!_feeds.TryGetValue(schema.TrId, out var feed))
            _feeds.Add(schema.TrId, feed = new FeedState(schema));
        var key = feed.Find(route.Target.Key) ?? feed.Add(route.Target.Key, since: ++_number);
        key.Add(route);
        route.Key = key;
        route.Slot = StreamQueue.NewSlot(key);
        _consumers[route.Consumer].Routes.Add(key, route);
    }

    private bool Remove(Route route)
    {
        if (route.Key is not { } key || !_consumers.TryGetValue(route.Consumer, out var state) || !state.Routes.Remove(key))
            return false;
        key.Remove(route, _time.GetTimestamp());
        return true;
    }

    private void Replay(StreamConsumer consumer, List<Route> routes, long after, bool hasSnapshot)
    {
        var byKey = routes.ToDictionary(StreamKey (r) => r.Key!);
        var replay = new StreamReplay(byKey.Keys, key => after >= _history.ForgottenThrough && ((KeyState)key).IsKeptSince(after), SendKept, SendGap);
        foreach (var item in _history.After(after))
            replay.Add(item);
        replay.End();
        foreach (var key in replay.Missing.ToList())
        {
            var last = hasSnapshot ? _lastFrames.Find(((KeyState)key).HubKey) : null;
            replay.AddGap(key, last?.ReceivedAt);
            if (last is not null)
                SendLast(byKey[key], last);
        }

        foreach (var route in routes.Where(r => !replay.HasInterruption(r.Key!)))
            SendInterruption(route);

        void SendKept(StreamItem item, StreamKey key) => Complete(consumer, consumer.Queue.EnqueueReplayed(item, byKey[key].Slot!));

        void SendGap(StreamKey key, DateTimeOffset? from, DateTimeOffset? to) => Send(consumer, consumer.Items.Gap(byKey[key].Target, from, to));
    }

    private void Begin(List<Route> routes, bool hasSnapshot)
    {
        foreach (var route in routes)
        {
            if (hasSnapshot && _lastFrames.Find(route.Key!.HubKey) is { } last)
                SendLast(route, last);
            SendInterruption(route);
        }
    }

    // A stream that begins during an interruption missed the item that others got.
    private void SendInterruption(Route route)
    {
        if (_interruptions.TryGetValue(route.Key!.HubKey, out var interruption))
            Send(route.Consumer, route.Consumer.Items.Interruption(route.Target, interruption));
    }

    private void SendLast(Route route, LastFrame last)
    {
        if (last.Frame is { } frame && route.Consumer.Items.Snapshot(route.Target, frame) is { } snapshot)
            Send(route.Consumer, snapshot);
    }

    private void Send(StreamConsumer consumer, StreamItem item) => Complete(consumer, consumer.Queue.Enqueue(item));

    private void Send(Route route, StreamItem item) => Complete(route.Consumer, route.Consumer.Queue.Enqueue(item, route.Slot));

    private void Complete(StreamConsumer consumer, EnqueueResult result)
    {
        if (result == EnqueueResult.None)
            return;
        if (result.HasFlag(EnqueueResult.Wake))
            _toWake.Add(consumer.Queue);
        if (result.HasFlag(EnqueueResult.Overflow))
            consumer.OnOverflow();
    }

    // Last, so that items that arrive together are sent together.
    private void WakeAll()
    {
        foreach (var queue in CollectionsMarshal.AsSpan(_toWake))
            queue.Wake();
        _toWake.Clear();
    }

    private void OnForgotten(StreamItem item)
    {
        if (item.Key is KeyState key)
            key.ForgottenThrough = item.Number;
        else if (item.Feed is { } feed && _feeds.TryGetValue(feed.TrId, out var state))
            state.ForgottenThrough = item.Number;
    }

    private void Tick()
    {
        var heartbeat = StreamControlItems.Heartbeat(_time.GetUtcNow());
        lock (_gate)
        {
            _history.Trim();
            foreach (var feed in _feeds.Values)
            {
                foreach (var key in feed.Keys.Where(k => k.UnusedSince is { } since && _time.GetElapsedTime(since) > _historyAge).ToArray())
                    feed.Remove(key);
            }

            foreach (var consumer in _consumers.Keys)
                Complete(consumer, consumer.Queue.EnqueueHeartbeat(heartbeat));
            WakeAll();
        }
    }
}
