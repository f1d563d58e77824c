using System.Text;
using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>A dispatcher without upstream and connections: tests feed it frames and events, and read the queues of its streams.</summary>
internal sealed class DispatcherHarness : IDisposable
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;

    private readonly List<StreamOutlet> _outlets = [];
    private readonly LastFrames _frames = new();
    private int _count;

    public DispatcherHarness(int replayBufferBytes = 1 << 20)
    {
        var options = new GatewayOptions
        {
            Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")),
            TimeProvider = Time,
            ReplayBufferBytes = replayBufferBytes,
        };
        Dispatcher = new StreamDispatcher(_frames, options);
    }

    public ManualTimeProvider Time { get; } = new();

    public StreamDispatcher Dispatcher { get; }

    /// <summary>Opens a stream of keys of the index feed, or of order notices if a key begins with a letter.</summary>
    public StreamOutlet Open(StreamStart? start, params string[] keys)
    {
        var outlet = new StreamOutlet(
            new StreamLimits(1000, 1 << 20, StreamOverflow.DropOldest), NameStyle.English, new ConsumerCounts(), Dispatcher.Counters,
            () => { });
        _outlets.Add(outlet);
        Attach(outlet, start, keys);
        return outlet;
    }

    public void Attach(StreamOutlet outlet, StreamStart? start, params string[] keys)
    {
        var targets = keys.Select(key => new StreamTarget(char.IsAsciiLetter(key[0]) ? OrderNotice.Feed.Schema : s_index, key));
        Dispatcher.Attach(
            outlet, [.. targets.Select(target => (StreamDispatcher.NewSubscription(outlet, target), true))], start ?? StreamStart.Now);
    }

    public void Close(StreamOutlet outlet) => Dispatcher.Remove(outlet);

    public void Confirm(string key) => AddEvent(key, new RegistrationConfirmed { At = Time.GetUtcNow(), Session = "1" });

    /// <summary>Adds a record one second after the previous one.</summary>
    public void Record(string key)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        var item = TestFrames.Item(s_index, TestFrames.Index(key, ++_count), Time.GetUtcNow());
        _frames.OnFrame(item, null);
        Dispatcher.OnFrame(item, null);
    }

    public void Interrupt(string key) => AddEvent(key, new Interruption { At = Time.GetUtcNow(), Reason = GapReason.ConnectionLost });

    /// <summary>Adds a gap that ends with the next record, or with the registration.</summary>
    public void AddGap(string key, GapReason reason = GapReason.ConnectionLost, bool isLast = false) =>
        AddEvent(key, new Gap { Reason = reason, From = Time.GetUtcNow(), To = isLast ? null : Time.GetUtcNow().AddSeconds(1) });

    public void Release(string key) => AddEvent(key, new RegistrationReleased { At = Time.GetUtcNow() });

    /// <summary>Adds a malformed frame with an unknown key, of the index feed or of an unknown feed.</summary>
    public void AddMalformed(string raw, bool isOfIndex = false)
    {
        var malformed = new MalformedFrame
        {
            Error = new FrameError(FrameErrorKind.InvalidCount, 0),
            Raw = Encoding.UTF8.GetBytes(raw),
            ReceivedAt = Time.GetUtcNow(),
            Feed = isOfIndex ? s_index : null,
        };
        Dispatcher.OnEvent(new FrameItem(malformed));
    }

    /// <summary>Reads the queue of a stream.</summary>
    public List<StreamEvent> ReadQueue(StreamOutlet outlet)
    {
        var buffer = new StreamItem[1];
        var events = new List<StreamEvent>();
        while (outlet.Queue.Read(buffer) > 0)
        {
            var text = Dispatcher.Renderer.Render(buffer[0], NameStyle.English);
            var json = JsonSerializer.Deserialize<JsonElement>(text.AsSpan()[buffer[0].JsonOffset..^2]);
            var id = buffer[0].HasId ? StreamId.Format(Dispatcher.Epoch, buffer[0]) : null;
            events.Add(new StreamEvent(id, buffer[0].Kind.ToString().ToLowerInvariant(), json));
        }

        return events;
    }

    /// <summary>The kinds of the items in the queue of a stream.</summary>
    public IEnumerable<string> ReadKinds(StreamOutlet outlet) => ReadQueue(outlet).Select(item => item.Kind);

    public void Dispose()
    {
        foreach (var outlet in _outlets)
        {
            Dispatcher.Remove(outlet);
            outlet.Dispose();
        }

        Dispatcher.Dispose();
    }

    private void AddEvent(string key, FeedEvent feedEvent)
    {
        var feed = char.IsAsciiLetter(key[0]) ? OrderNotice.Feed.Schema : s_index;
        var item = new FrameItem(feedEvent.AddressedTo(feed, key));
        _frames.OnEvent(item);
        Dispatcher.OnEvent(item);
    }
}
