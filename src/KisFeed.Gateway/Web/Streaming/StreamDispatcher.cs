using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Brings what comes from upstream to the streams of plain HTTP, and keeps a short history of it for those who come back. Of a key that no stream has, or had a moment ago, nothing is kept and
/// nothing looked at. For any thread; nobody waits for a stream.
/// </summary>
/// <remarks>Lock order: the hub, this, a stream's queue. Nothing here calls the hub.</remarks>
internal sealed partial class StreamDispatcher : IHubSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FeedChannels> _feeds = new(StringComparer.Ordinal);
    private readonly HashSet<StreamConsumer> _consumers = [];
    private readonly RecordReaderBuffer _scratch = new();
    private readonly List<StreamQueue> _toWake = [];
    private readonly List<KeyChannel> _withGaps = [];
    private readonly Dictionary<HubKey, Interruption> _interruptions = [];
    private readonly LastFrames _lastFrames;
    private readonly History _history;
    private readonly TimeProvider _time;
    private readonly TimeSpan _historyAge;
    private readonly ITimer _timer;
    private long _number;
    private string? _ended;

    /// <summary>Begins, with nothing known.</summary>
    /// <param name="lastFrames">What came last of each key. It must be told of a frame before this is.</param>
    /// <param name="options">How far back the history goes, and how long a stream may be silent.</param>
    public StreamDispatcher(LastFrames lastFrames, GatewayOptions options)
    {
        _lastFrames = lastFrames;
        _time = options.TimeProvider;
        _historyAge = options.HistoryAge;
        _history = new History(options.HistoryBytes, options.HistoryAge, _time);
        Renderer = new ItemRenderer(Epoch);

        // Twice as often, so that the silence never lasts longer than is said.
        _timer = _time.CreateTimer(_ => Tick(), null, options.StreamHeartbeat / 2, options.StreamHeartbeat / 2);
    }

    /// <summary>Counts what streams get and do not get.</summary>
    public StreamCounters Counters { get; } = new();

    /// <summary>Tells this run of the gateway from all others.</summary>
    public string Epoch { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Writes items.</summary>
    public ItemRenderer Renderer { get; }

    /// <summary>Why there is nothing to stream any more; <see langword="null"/> where there is.</summary>
    public string? Ended
    {
        get
        {
            lock (_gate)
                return _ended;
        }
    }

    public void OnOver(string problem) => EndAll("upstream is lost for good; the gateway's log says why and what to mend");

    /// <summary>Ends every stream, and takes no more.</summary>
    /// <param name="reason">What they are told.</param>
    public void EndAll(string reason)
    {
        StreamConsumer[] consumers;
        lock (_gate)
        {
            _ended ??= reason;
            consumers = [.. _consumers];
        }

        foreach (var consumer in consumers)
            consumer.End(reason, WebSocketCloseStatus.EndpointUnavailable);
    }

    /// <summary>Brings a stream what comes of these keys from now on: after what it wants to know of them first.</summary>
    /// <param name="consumer">The stream.</param>
    /// <param name="granted">The keys, with whether upstream has them.</param>
    /// <param name="command">What it wants to know first.</param>
    /// <returns>Those that upstream has taken back meanwhile; the stream does not have them.</returns>
    public IReadOnlyList<StreamSubscription> Attach(StreamConsumer consumer, IReadOnlyList<(StreamSubscription Subscription, bool IsRegistered)> granted, StreamStart command)
    {
        lock (_gate)
        {
            _consumers.Add(consumer);
            var standing = granted.Where(g => g.Subscription.EndedBy is null).ToList();
            foreach (var (subscription, _) in standing)
                Add(subscription);
            var subscriptions = standing.ConvertAll(g => g.Subscription);
            var after = command.After is { } id ? StreamPosition.NumberOf(Epoch, id) : 0;
            if (after > _number)
                after = 0;
            if (command.After is not null)
            {
                var isComplete = after >= _history.ForgottenThrough && subscriptions.TrueForAll(s => s.Channel!.IsKnownSince(after));
                Tell(consumer, StreamControlItems.Resumed(command.After, isComplete));
                if (subscriptions.Count > 0)
                    Counters.AddResumed(isComplete);
            }

            foreach (var (subscription, isRegistered) in standing)
                Tell(consumer, consumer.Items.Subscribed(subscription.Target, isRegistered));
            if (command.After is not null)
                Replay(consumer, subscriptions, after, command.HasSnapshot);
            else
                Begin(consumer, subscriptions, command.HasSnapshot);
            if (_ended is { } reason)
                consumer.End(reason, WebSocketCloseStatus.EndpointUnavailable);
            WakeAll();
            return [.. granted.Select(g => g.Subscription).Where(s => s.EndedBy is not null)];
        }
    }

    /// <summary>Brings a stream nothing more of a key.</summary>
    /// <returns><see langword="false"/> where it had it no longer.</returns>
    public bool Detach(StreamSubscription subscription, StreamItem? told)
    {
        lock (_gate)
        {
            if (!Remove(subscription))
                return false;
            if (told is not null)
                Tell(subscription.Consumer, told);
            WakeAll();
            return true;
        }
    }

    /// <summary>Upstream has taken a key back. Under the hub's lock.</summary>
    /// <returns>Whether the stream had the key, and was told.</returns>
    public bool EndByUpstream(StreamSubscription subscription, BrokerCode code)
    {
        lock (_gate)
        {
            subscription.EndedBy = code;
            if (!Remove(subscription))
                return false;
            Tell(subscription.Consumer, subscription.Consumer.Items.Refused(subscription.Target, code, $"the service does not give it any more: {code.Advice}"));
            WakeAll();
            return true;
        }
    }

    /// <summary>The stream is over.</summary>
    /// <returns>The keys that it had.</returns>
    public IReadOnlyList<StreamSubscription> Forget(StreamConsumer consumer)
    {
        lock (_gate)
        {
            _consumers.Remove(consumer);
            var had = consumer.Subscriptions.Values.ToArray();
            foreach (var subscription in had)
                Remove(subscription);
            return had;
        }
    }

    /// <summary>The keys that a stream has.</summary>
    public IReadOnlyList<StreamSubscription> Of(StreamConsumer consumer)
    {
        lock (_gate)
            return [.. consumer.Subscriptions.Values];
    }

    public void Dispose() => _timer.Dispose();

    private void Add(StreamSubscription subscription)
    {
        var schema = subscription.Feed;
        if (!_feeds.TryGetValue(schema.TrId, out var feed))
            _feeds.Add(schema.TrId, feed = new FeedChannels(schema));
        if (feed.Find(subscription.Key) is not { } channel)
            feed.Add(channel = new KeyChannel(feed, subscription.Key, ++_number));
        channel.Add(subscription);
        subscription.Channel = channel;
        subscription.Consumer.Subscriptions.Add(channel, subscription);
    }

    private bool Remove(StreamSubscription subscription)
    {
        if (subscription.Channel is not { } channel || !subscription.Consumer.Subscriptions.Remove(channel))
            return false;
        channel.Remove(subscription, _time.GetTimestamp());
        return true;
    }

    private void Replay(StreamConsumer consumer, List<StreamSubscription> subscriptions, long after, bool hasSnapshot)
    {
        var replay = new StreamReplay(consumer.Items, subscriptions, s => after >= _history.ForgottenThrough && s.Channel!.IsKeptSince(after), Send);
        foreach (var item in _history.After(after))
            replay.Pass(item);
        replay.End();
        foreach (var subscription in replay.Missing.ToList())
        {
            var last = hasSnapshot ? _lastFrames.Find(subscription.Channel!.HubKey) : null;
            replay.TellGap(subscription, last?.ReceivedAt);
            if (last is not null)
                TellLast(consumer, subscription, last);
        }

        foreach (var subscription in subscriptions.Where(s => !replay.HasInterruption(s)))
            TellInterruption(consumer, subscription);

        void Send(StreamItem item, StreamSubscription? subscription) =>
            Note(consumer, subscription is null ? consumer.Queue.Post(item, null) : consumer.Queue.PostExtra(item, subscription));
    }

    private void Begin(StreamConsumer consumer, List<StreamSubscription> subscriptions, bool hasSnapshot)
    {
        foreach (var subscription in subscriptions)
        {
            if (hasSnapshot && _lastFrames.Find(subscription.Channel!.HubKey) is { } last)
                TellLast(consumer, subscription, last);
            TellInterruption(consumer, subscription);
        }
    }

    // Whoever comes while data may be missing did not get what the others were told then.
    private void TellInterruption(StreamConsumer consumer, StreamSubscription subscription)
    {
        if (_interruptions.TryGetValue(subscription.Channel!.HubKey, out var interruption))
            Tell(consumer, consumer.Items.Interruption(subscription.Target, interruption));
    }

    private void TellLast(StreamConsumer consumer, StreamSubscription subscription, LastFrame last)
    {
        if (last.ReceivedAt is { } receivedAt && consumer.Items.Snapshot(subscription.Target, last.Bytes, receivedAt) is { } snapshot)
            Tell(consumer, snapshot);
    }

    private void Tell(StreamConsumer consumer, StreamItem item) => Note(consumer, consumer.Queue.Post(item, null));

    private void Post(StreamItem item, StreamSubscription subscription) => Note(subscription.Consumer, subscription.Consumer.Queue.Post(item, subscription));

    private void Note(StreamConsumer consumer, PostResult post)
    {
        if (post == PostResult.None)
            return;
        if (post.HasFlag(PostResult.Wake))
            _toWake.Add(consumer.Queue);
        if (post.HasFlag(PostResult.Overrun))
            consumer.OnOverrun();
    }

    // Behind everything that comes at once, so that it is sent at once too.
    private void WakeAll()
    {
        foreach (var queue in CollectionsMarshal.AsSpan(_toWake))
            queue.Wake();
        _toWake.Clear();
    }

    private void Tick()
    {
        var heartbeat = StreamControlItems.Heartbeat(_time.GetUtcNow());
        lock (_gate)
        {
            _history.Trim();
            foreach (var feed in _feeds.Values)
            {
                foreach (var channel in feed.All.Where(c => c.DesertedAt is { } since && _time.GetElapsedTime(since) > _historyAge).ToArray())
                    feed.Remove(channel);
            }

            foreach (var consumer in _consumers)
                Note(consumer, consumer.Queue.PostHeartbeat(heartbeat));
            WakeAll();
        }
    }
}
