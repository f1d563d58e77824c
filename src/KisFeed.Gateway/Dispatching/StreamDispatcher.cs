using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// Dispatches frames and events from upstream to the streams that have their keys, and fills the replay buffer for streams that resume. It
/// owns the subscriptions of all streams. Thread-safe; never waits for a stream.
/// </summary>
/// <remarks>
/// It is called by the hub and calls the queues of streams. It knows neither the hub nor an account, so its lock can only be taken between
/// theirs and a queue's. A stream whose queue is full is ended after the lock.
/// </remarks>
internal sealed class StreamDispatcher : IHubSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FeedState> _feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamOutlet, OutletState> _outlets = [];
    private readonly RecordReaderBuffer _buffer = new();
    private readonly List<StreamQueue> _toWake = [];
    private readonly List<StreamOutlet> _full = [];
    private readonly List<KeyState> _withGaps = [];
    private readonly Dictionary<HubKey, Interruption> _interruptions = [];
    private readonly LastFrames _lastFrames;
    private readonly ReplayBuffer _replayBuffer;
    private readonly TimeProvider _time;
    private readonly TimeSpan _replayAge;
    private readonly ITimer _timer;
    private long _number;
    private DateTimeOffset _lastAt = DateTimeOffset.MinValue;
    private HistoryPosition _lastPosition;
    private volatile string? _ended;

    public StreamDispatcher(LastFrames lastFrames, GatewayOptions options)
    {
        _lastFrames = lastFrames;
        _time = options.TimeProvider;
        _replayAge = options.ReplayBufferAge;
        _replayBuffer = new ReplayBuffer(options.ReplayBufferBytes, options.ReplayBufferAge, _time, OnForgotten);
        Renderer = new StreamItemRenderer(Epoch);

        // Twice as often, so that no stream is silent for longer than the option says.
        _timer = _time.CreateTimer(_ => Tick(), null, options.StreamHeartbeat / 2, options.StreamHeartbeat / 2);
    }

    public StreamCounters Counters { get; } = new();

    /// <summary>Identifies this run of the gateway in the ids of items.</summary>
    public string Epoch { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    public StreamItemRenderer Renderer { get; }

    /// <summary>Why no streams are served any more; <see langword="null"/> while they are.</summary>
    public string? Ended => _ended;

    public void OnFrame(in FrameItem item, string? noticeKey)
    {
        using var turn = new Turn(this);
        if (item.Frame.ReceivedAt < _lastAt)
            JoinAll();
        _lastAt = item.Frame.ReceivedAt;
        if (!_feeds.TryGetValue(item.Feed!.TrId, out var feed) || !DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
            return;
        Deliver(feed, noticeKey is null ? null : feed.Find(noticeKey), frame, item);
        SendPendingGaps();
    }

    public void OnEvent(in FrameItem item)
    {
        using var turn = new Turn(this);
        if (item.Event is not Gap)
            SendPendingGaps();
        RecordInterruption(item);

        // A stream that joins between a gap and the frame that ends it reads both from the recording.
        if (item.Event is Gap { To: { } to } && to > _lastAt)
            _lastAt = to;
        var feed = item.Feed is { } schema ? _feeds.GetValueOrDefault(schema.TrId) : null;
        if (item.Event is MalformedFrame malformed)
        {
            if (item.Feed is null)
                DeliverToAll(malformed);
            else if (feed is not null)
                Deliver(feed, malformed);
        }
        else if (item.Key is { } name && feed?.Find(name) is { } key)
        {
            Deliver(key, item.Event!);
        }
    }

    public void OnUpstreamEnded(string problem) => EndAll("upstream failed permanently; see the gateway's log for the reason");

    /// <summary>Ends every stream. The caller of <see cref="Attach"/> ends those that come later.</summary>
    public void EndAll(string reason)
    {
        StreamOutlet[] outlets;
        lock (_gate)
        {
            _ended ??= reason;
            outlets = [.. _outlets.Keys];
        }

        foreach (var outlet in outlets)
            outlet.End(reason, WebSocketCloseStatus.EndpointUnavailable);
    }

    public static StreamSubscription NewSubscription(StreamOutlet outlet, StreamTarget target) => new Route(outlet, target);

    /// <summary>
    /// Attaches subscriptions: the stream first gets the requested snapshot or past items, then all items of the keys. A stream that first
    /// reads the recorded past has none yet.
    /// </summary>
    /// <param name="outlet">The stream.</param>
    /// <param name="granted">The subscriptions, and whether upstream has registered their keys.</param>
    /// <param name="start">The requested start: a snapshot, past items, or neither.</param>
    /// <returns>The subscriptions that upstream has ended meanwhile, with the broker's code. The stream does not have them.</returns>
    public IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> Attach(
        StreamOutlet outlet, IReadOnlyList<(StreamSubscription Subscription, bool IsRegistered)> granted, StreamStart start)
    {
        using var turn = new Turn(this);
        _outlets.TryAdd(outlet, new OutletState());
        var attached = granted.Select(g => (Route: (Route)g.Subscription, g.IsRegistered)).Where(g => g.Route.EndedBy is null).ToList();
        foreach (var (route, _) in attached)
            Add(route);
        var routes = attached.ConvertAll(g => g.Route);
        var after = start.After is { } text && StreamId.TryParse(text, out var id) ? NumberOf(id) : 0;
        if (start.After is not null)
        {
            var isComplete = after >= _replayBuffer.ForgottenThrough && routes.TrueForAll(r => r.Key!.IsCompleteSince(after));
            Send(outlet, StreamControlItems.Resumed(start.After, isComplete));
            if (routes.Count > 0)
                (isComplete ? Counters.Resumed : Counters.ResumedInPart).Add();
        }

        foreach (var (route, isRegistered) in attached)
            Send(outlet, outlet.Items.Subscribed(route.Target, isRegistered));
        if (start.After is not null)
            Replay(outlet, routes, after, start.HasSnapshot);
        else
            Begin(routes, start.HasSnapshot);
        return LostOf(granted.Select(g => g.Subscription));
    }

    /// <summary>Whether nothing is missing after an item of this run: the replay buffer has everything.</summary>
    public bool CanResume(StreamId id, IEnumerable<StreamTarget> targets)
    {
        lock (_gate)
        {
            var after = NumberOf(id);
            return after > 0
                && after >= _replayBuffer.ForgottenThrough
                && targets.All(t => _feeds.GetValueOrDefault(t.Feed.TrId)?.Find(t.Key)?.IsCompleteSince(after) == true);
        }
    }

    /// <summary>Attaches the subscriptions of a stream that has read everything recorded before a time.</summary>
    public StreamJoin Join(IReadOnlyList<StreamSubscription> subscriptions, DateTimeOffset readUntil)
    {
        using var turn = new Turn(this);
        var routes = subscriptions.Cast<Route>().Where(r => r.EndedBy is null).ToList();
        foreach (var route in routes)
        {
            route.JoinsAt = readUntil > _lastAt ? readUntil : _lastAt.AddTicks(1);
            Add(route);
        }

        Begin(routes, hasSnapshot: false);
        return new StreamJoin(
            _lastAt, routes.Select(r => r.Key!.HubKey).Where(_interruptions.ContainsKey).ToHashSet(), LostOf(subscriptions));
    }

    /// <summary>Detaches a subscription.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="last">The item that follows the key's last one.</param>
    /// <param name="endedBy">The broker's code, if upstream refused or released the key.</param>
    /// <returns><see langword="false"/> if it was not attached. If upstream has ended it, it will not be.</returns>
    public bool Detach(StreamSubscription subscription, StreamItem last, BrokerCode? endedBy = null)
    {
        using var turn = new Turn(this);
        var route = (Route)subscription;
        route.EndedBy ??= endedBy;
        if (!Remove(route))
            return false;
        Send(route.Outlet, last);
        return true;
    }

    /// <summary>Removes a stream that has ended.</summary>
    /// <returns>The subscriptions that it had.</returns>
    public IReadOnlyList<StreamSubscription> Remove(StreamOutlet outlet)
    {
        lock (_gate)
        {
            if (!_outlets.TryGetValue(outlet, out var state))
                return [];
            var had = state.Routes.Values.ToArray();
            foreach (var route in had)
                Remove(route);
            _outlets.Remove(outlet);
            return had;
        }
    }

    public IReadOnlyList<StreamSubscription> SubscriptionsOf(StreamOutlet outlet)
    {
        lock (_gate)
            return _outlets.TryGetValue(outlet, out var state) ? [.. state.Routes.Values] : [];
    }

    public void Dispose() => _timer.Dispose();

    private static IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> LostOf(
        IEnumerable<StreamSubscription> subscriptions) =>
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
        route.QueuedKey = StreamQueue.NewKey(key);
        _outlets[route.Outlet].Routes.Add(key, route);
    }

    private bool Remove(Route route)
    {
        if (route.Key is not { } key || !_outlets.TryGetValue(route.Outlet, out var state) || !state.Routes.Remove(key))
            return false;
        key.Remove(route, _time.GetTimestamp());
        return true;
    }

    private void Replay(StreamOutlet outlet, List<Route> routes, long after, bool hasSnapshot)
    {
        var byKey = routes.ToDictionary(ItemKey (r) => r.Key!);
        var replay = new StreamReplay(
            byKey.Keys, key => after >= _replayBuffer.ForgottenThrough && ((KeyState)key).HasAllSince(after), SendReplayed, SendGap);
        foreach (var item in _replayBuffer.After(after))
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

        void SendReplayed(StreamItem item, ItemKey key) => Complete(outlet, outlet.Queue.EnqueueReplayed(item, byKey[key].QueuedKey!));

        void SendGap(ItemKey key, DateTimeOffset? from, DateTimeOffset? to) => Send(outlet, outlet.Items.Gap(byKey[key].Target, from, to));
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
            Send(route.Outlet, route.Outlet.Items.Interruption(route.Target, interruption));
    }

    private void SendLast(Route route, LastFrame last)
    {
        if (last.Frame is { } frame && route.Outlet.Items.Snapshot(route.Target, frame) is { } snapshot)
            Send(route.Outlet, snapshot);
    }

    private void Send(StreamOutlet outlet, StreamItem item) => Complete(outlet, outlet.Queue.Enqueue(item));

    private void Send(Route route, StreamItem item) => Complete(route.Outlet, route.Outlet.Queue.Enqueue(item, route.QueuedKey));

    private void Complete(StreamOutlet outlet, EnqueueResult result)
    {
        if (result == EnqueueResult.None)
            return;
        if (result.HasFlag(EnqueueResult.Wake))
            _toWake.Add(outlet.Queue);
        if (result.HasFlag(EnqueueResult.Overflow))
            _full.Add(outlet);
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
        using var turn = new Turn(this);
        _replayBuffer.Trim();
        foreach (var feed in _feeds.Values)
        {
            foreach (var key in feed.Keys.Where(k => k.UnusedSince is { } since && _time.GetElapsedTime(since) > _replayAge).ToArray())
                feed.Remove(key);
        }

        foreach (var outlet in _outlets.Keys)
            Complete(outlet, outlet.Queue.EnqueueHeartbeat(heartbeat));
    }

    // The clock was set back. Streams that have read the past up to a time before that get everything from now on, instead of
    // nothing until the time is reached again.
    private void JoinAll()
    {
        foreach (var route in _outlets.Values.SelectMany(outlet => outlet.Routes.Values))
            route.JoinsAt = DateTimeOffset.MinValue;
    }

    private void Deliver(FeedState feed, KeyState? noticeOwner, in DataFrame frame, in FrameItem item)
    {
        var schema = feed.Schema;
        var shape = item.Shape;
        var reader = _buffer.Read(frame, shape);
        KeyState? lastMalformed = null;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = noticeOwner;
            if (key is null && (schema.IsNotice || !feed.TryFind(schema.KeyOf(fields), out key)))
                continue;
            if (RecordJson.TryCheck(schema, fields, out var error))
            {
                Deliver(key, fields, shape, item.Frame.ReceivedAt);
                continue;
            }

            // The whole frame goes with the first error only. Otherwise a frame with nothing but errors would take the square of its size.
            var raw = key == lastMalformed ? fields.Text : frame.Bytes;
            lastMalformed = key;
            Publish(key, NewItem(
                StreamItemKind.Malformed,
                schema.TrId,
                new MalformedFrame { Error = error, Raw = raw.ToArray(), ReceivedAt = item.Frame.ReceivedAt },
                item.Frame.ReceivedAt,
                schema,
                key,
                key.FeedState.Frames.Of(fields.Text)));
        }
    }

    private void Deliver(KeyState key, in RecordFields record, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var bytes = key.FeedState.Frames.Of(record.Text);
        var before = key.Last;
        var gap = key.PendingGap;
        key.PendingGap = null;
        var item = new StreamItem
        {
            Kind = StreamItemKind.Record,
            Number = _number + (gap is null ? 1 : 2),
            Position = new HistoryPosition(receivedAt.UtcTicks, record.Record + 1),
            Feed = key.Feed,
            Key = key,
            ReceivedAt = receivedAt,
            Frame = bytes,
            Shape = shape with { Count = 1, HasSurplusSeparator = false },
            ArrivedAt = _time.GetTimestamp(),
            Cost = key.FeedState.CostOf(bytes),
        };
        if (gap is not null)
            Publish(key, NewEvent(key, gap with { To = gap.To ?? receivedAt, MissedVolume = StreamItem.MissedVolume(before, item) }));
        _number = item.Number;
        _lastPosition = item.Position;
        key.Last = item;
        Publish(key, item);
    }

    private void Deliver(KeyState key, FeedEvent feedEvent)
    {
        switch (feedEvent)
        {
            case Gap { To: not null } gap:
                // Sent with the frame that ends it, which follows at once.
                key.PendingGap = key.PendingGap?.Join(gap) ?? gap;
                _withGaps.Add(key);
                break;
            case Gap or Interruption or MalformedFrame:
                Publish(key, NewEvent(key, feedEvent));
                break;
            case RegistrationReleased or RegistrationRefused:
                // A stream that subscribed while the key was being released gets the gap with the next record.
                if (feedEvent is RegistrationReleased && !key.Routes.IsEmpty)
                    key.PendingGap ??= new Gap { Reason = GapReason.Renewed, From = key.Last?.ReceivedAt };
                key.Break(++_number);
                _replayBuffer.Add(new StreamItem
                {
                    Kind = StreamItemKind.Break,
                    Number = _number,
                    Feed = key.Feed,
                    Key = key,
                    ArrivedAt = _time.GetTimestamp(),
                });
                break;
        }
    }

    // The key of a malformed frame is unknown, so each stream of the feed gets it once. The content of an order notice is
    // withheld: it may belong to anybody.
    private void Deliver(FeedState feed, MalformedFrame malformed)
    {
        var shown = feed.Schema.IsNotice ? malformed with { Raw = default } : malformed;
        var item = NewItem(StreamItemKind.Malformed, feed.Schema.TrId, shown, malformed.ReceivedAt, feed.Schema);
        _replayBuffer.Add(item);
        foreach (var key in feed.Keys)
        {
            foreach (var route in key.Routes)
            {
                if (item.ReceivedAt >= route.JoinsAt && _outlets[route.Outlet].IsNew(item))
                    Send(route, item);
            }
        }
    }

    // The feed is unknown too. The content may hold parts of an order notice, so it is shown only if it begins as a frame of another feed.
    private void DeliverToAll(MalformedFrame malformed)
    {
        var feed = FeedOf(malformed.Raw.Span);
        var shown = feed is { IsNotice: false } ? malformed : malformed with { Raw = default };
        var item = NewItem(StreamItemKind.Malformed, feed?.TrId, shown, malformed.ReceivedAt);
        _replayBuffer.Add(item);
        foreach (var state in _outlets.Values)
        {
            if (state.Routes.Values.FirstOrDefault() is { } route)
                Send(route, item);
        }
    }

    // flag|TR_ID|…
    private static FeedSchema? FeedOf(ReadOnlySpan<byte> frame)
    {
        const byte Separator = (byte)'|';
        if (frame is not [(byte)'0' or (byte)'1', Separator, .. var rest])
            return null;
        var end = rest.IndexOf(Separator);
        return end > 0 && KisFeeds.Catalog.TryGet(rest[..end], out var feed) ? feed : null;
    }

    private void SendPendingGaps()
    {
        foreach (var key in _withGaps)
        {
            if (key.PendingGap is not { } gap)
                continue;
            key.PendingGap = null;
            Publish(key, NewEvent(key, gap));
        }

        _withGaps.Clear();
    }

    private StreamItem NewEvent(KeyState key, FeedEvent feedEvent) => feedEvent switch
    {
        Gap gap => NewItem(StreamItemKind.Gap, key.Feed.TrId, gap, gap.To ?? gap.From ?? default, key.Feed, key),
        Interruption interruption => NewItem(StreamItemKind.Interruption, key.Feed.TrId, interruption, interruption.At, key.Feed, key),
        MalformedFrame malformed => NewItem(StreamItemKind.Malformed, key.Feed.TrId, malformed, malformed.ReceivedAt, key.Feed, key),
        _ => throw new ArgumentException($"{feedEvent.GetType().Name} is not sent to streams", nameof(feedEvent)),
    };

    private StreamItem NewItem(
        StreamItemKind kind, string? trId, FeedEvent feedEvent, DateTimeOffset at, FeedSchema? feed = null, KeyState? key = null,
        byte[]? frame = null) =>
        new()
        {
            Kind = kind,
            Number = ++_number,
            Position = _lastPosition,
            TrId = trId,
            Feed = feed,
            Key = key,
            ReceivedAt = at,
            Frame = frame ?? [],
            Event = feedEvent,
            ArrivedAt = _time.GetTimestamp(),
            Cost = (2 * StreamItem.Overhead) + (3 * ((feedEvent as MalformedFrame)?.Raw.Length ?? 0)),
        };

    private void Publish(KeyState key, StreamItem item)
    {
        _replayBuffer.Add(item);
        foreach (var route in key.Routes)
        {
            if (item.ReceivedAt >= route.JoinsAt)
                Send(route, item);
        }
    }

    // Kept for every key, with or without streams, to determine the missed volume of a gap.
    private void RecordInterruption(in FrameItem item)
    {
        if (item.Feed is not { } feed || item.Key is not { } key)
            return;
        switch (item.Event)
        {
            case Interruption interruption:
                _interruptions[new HubKey(feed.TrId, key)] = interruption;
                break;
            case Gap or RegistrationReleased or RegistrationRefused:
                _interruptions.Remove(new HubKey(feed.TrId, key));
                break;
        }
    }

    /// <summary>
    /// The lock, for as long as items are sent. Readers are woken at its end, so that items that arrive together are sent together, and
    /// streams whose queues are full are ended after it.
    /// </summary>
    private readonly ref struct Turn : IDisposable
    {
        private readonly StreamDispatcher _dispatcher;

        public Turn(StreamDispatcher dispatcher)
        {
            dispatcher._gate.Enter();
            _dispatcher = dispatcher;
        }

        public void Dispose()
        {
            foreach (var queue in CollectionsMarshal.AsSpan(_dispatcher._toWake))
                queue.Wake();
            _dispatcher._toWake.Clear();
            StreamOutlet[] full = [.. _dispatcher._full];
            _dispatcher._full.Clear();
            _dispatcher._gate.Exit();
            foreach (var outlet in full)
                outlet.EndAsSlow();
        }
    }

    /// <summary>The keys of one feed that streams have, or had within the age of the replay buffer.</summary>
    private sealed class FeedState
    {
        private readonly Dictionary<byte[], KeyState> _keys = new(Utf8KeyComparer.Instance);
        private readonly Dictionary<byte[], KeyState>.AlternateLookup<ReadOnlySpan<byte>> _byText;
        private readonly RecordVolumes _volumes;
        private readonly int _nameLength;

        public FeedState(FeedSchema schema)
        {
            Schema = schema;
            _volumes = new RecordVolumes(schema);
            _byText = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
            Frames = new SingleRecordFrames(schema.TrId);
            _nameLength = schema.Columns.Sum(column => Math.Max(column.JsonName.Length, column.Element.Length) + 6);
        }

        public FeedSchema Schema { get; }

        public SingleRecordFrames Frames { get; }

        /// <summary>The newest feed-wide item that the replay buffer has dropped.</summary>
        public long ForgottenThrough { get; set; }

        public IReadOnlyCollection<KeyState> Keys => _keys.Values;

        public bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out KeyState? found) => _byText.TryGetValue(key, out found);

        public KeyState? Find(string key) => _keys.GetValueOrDefault(Encoding.UTF8.GetBytes(key));

        public KeyState Add(string key, long since)
        {
            var added = new KeyState(this, key, _volumes, since);
            _keys.Add(Encoding.UTF8.GetBytes(key), added);
            return added;
        }

        public void Remove(KeyState key) => _keys.Remove(Encoding.UTF8.GetBytes(key.Key));

        /// <summary>The approximate memory of a record's item, in bytes.</summary>
        public int CostOf(byte[] frame) => StreamItem.Overhead + (2 * frame.Length) + _nameLength;
    }

    /// <summary>A key that streams have, or had within the age of the replay buffer.</summary>
    private sealed class KeyState(FeedState feed, string key, RecordVolumes volumes, long since) : ItemKey(feed.Schema, key, volumes)
    {
        private readonly List<Route> _routes = [];
        private long _brokenAt;

        public FeedState FeedState => feed;

        public ReadOnlySpan<Route> Routes => CollectionsMarshal.AsSpan(_routes);

        public StreamItem? Last { get; set; }

        /// <summary>A gap that is sent with the next frame, which tells how much was missed.</summary>
        public Gap? PendingGap { get; set; }

        /// <summary>When the last stream gave the key back, in ticks of the clock; <see langword="null"/> while a stream has it.</summary>
        public long? UnusedSince { get; private set; }

        /// <summary>The key's newest item that the replay buffer has dropped.</summary>
        public long ForgottenThrough { get; set; }

        /// <summary>Whether the replay buffer has every item of the key after a number, breaks included.</summary>
        public bool HasAllSince(long number) => number > since && number >= ForgottenThrough && number >= feed.ForgottenThrough;

        /// <summary>Whether nothing of the key is missing after a number: the replay buffer has it all, without a break.</summary>
        public bool IsCompleteSince(long number) => HasAllSince(number) && number > _brokenAt;

        /// <summary>Upstream released the key: data before the next item is unknown.</summary>
        public void Break(long number)
        {
            _brokenAt = number;
            Last = null;
        }

        public void Add(Route route)
        {
            route.Index = _routes.Count;
            _routes.Add(route);
            UnusedSince = null;
        }

        public void Remove(Route route, long now)
        {
            var last = _routes[^1];
            _routes[route.Index] = last;
            last.Index = route.Index;
            _routes.RemoveAt(_routes.Count - 1);
            if (_routes.Count > 0)
                return;
            UnusedSince = now;
            if (PendingGap is { To: null })
                PendingGap = null;
        }
    }

    private sealed class Route(StreamOutlet outlet, StreamTarget target) : StreamSubscription(target)
    {
        public StreamOutlet Outlet => outlet;

        /// <summary>The key; <see langword="null"/> while the subscription is not attached.</summary>
        public KeyState? Key { get; set; }

        public StreamQueue.QueuedKey? QueuedKey { get; set; }

        /// <summary>The position in <see cref="KeyState.Routes"/>.</summary>
        public int Index { get; set; }

        /// <summary>Items received before this time are not sent: the stream has read them from the recording.</summary>
        public DateTimeOffset JoinsAt { get; set; } = DateTimeOffset.MinValue;

        /// <summary>Why upstream ended it; <see langword="null"/> if it did not.</summary>
        public BrokerCode? EndedBy { get; set; }
    }

    private sealed class OutletState
    {
        private long _lastItem;

        public Dictionary<KeyState, Route> Routes { get; } = [];

        /// <summary>Whether an item that reaches the stream by several keys is new to it.</summary>
        public bool IsNew(StreamItem item)
        {
            var isNew = _lastItem != item.Number;
            _lastItem = item.Number;
            return isNew;
        }
    }
}

/// <summary>A stream's subscription to a key.</summary>
internal abstract class StreamSubscription(StreamTarget target)
{
    private int _isFreed;

    public StreamTarget Target => target;

    /// <summary>The hub's claim of the key. Set once, by the consumer.</summary>
    public Claim? Claim { get; set; }

    /// <summary>Whether the claim and the registration of the account must still be released; <see langword="true"/> once.</summary>
    public bool TryFree() => Interlocked.Exchange(ref _isFreed, 1) == 0;
}

/// <summary>The moment at which a stream that has read the past gets the present.</summary>
/// <param name="LastAt">When the last frame before it was received.</param>
/// <param name="Interrupted">The keys that are interrupted: their gap is reported when they continue.</param>
/// <param name="Lost">The subscriptions that upstream has ended meanwhile, with the broker's code. The stream does not have them.</param>
internal sealed record StreamJoin(
    DateTimeOffset LastAt, IReadOnlySet<HubKey> Interrupted, IReadOnlyList<(StreamSubscription Subscription, BrokerCode Code)> Lost);

/// <summary>What a stream sends before new data.</summary>
/// <param name="After">The id of the item to resume after; <see langword="null"/> for a new stream.</param>
/// <param name="HasSnapshot">Whether to send the last record of each key. A stream that resumes gets it only for keys
/// whose newest data is missing.</param>
/// <param name="From">The position behind which recorded data is sent first; <see langword="null"/> if none is. A
/// stream that resumes ignores it.</param>
internal sealed record StreamStart(string? After, bool HasSnapshot, HistoryPosition? From = null)
{
    public static StreamStart Now { get; } = new(null, HasSnapshot: false);
}

/// <summary>A key of a feed, as a client names it.</summary>
/// <param name="Feed">The feed, as the upstream service has it.</param>
/// <param name="Key">The key, in the client's spelling; an HTS ID for order notices.</param>
internal sealed record StreamTarget(FeedSchema Feed, string Key)
{
    /// <summary>The target as others may see it: without the HTS ID of order notices.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}
