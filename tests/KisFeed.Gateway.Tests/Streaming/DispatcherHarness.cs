using System.Globalization;
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

    public DispatcherHarness(int historyBytes = 1 << 20)
    {
        var options = new GatewayOptions
        {
            Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")),
            TimeProvider = Time,
            HistoryBytes = historyBytes,
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
        var bytes = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"0|{s_index.TrId}|001|{key}^091240^2600.54^2^1.68^{++_count}^1^1^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0."
                + $"92^1.27^0.70^0^670^72^177^0^0^0^19"));
        DataFrame.TryParse(bytes, out var frame, out _).ShouldBeTrue();
        s_index.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var item = new TapItem(s_index, new Frame(bytes, Time.GetUtcNow()), shape);
        _frames.OnFrame(item, null);
        Dispatcher.OnFrame(item, null);
    }

    public void Interrupt(string key) => AddEvent(key, new Interruption { At = Time.GetUtcNow(), Reason = GapReason.ConnectionLost });

    /// <summary>Adds a gap that ends with the next record, or with the registration.</summary>
    public void AddGap(string key, GapReason reason = GapReason.ConnectionLost, bool isLast = false) =>
        AddEvent(key, new Gap { Reason = reason, From = Time.GetUtcNow(), To = isLast ? null : Time.GetUtcNow().AddSeconds(1) });

    public void Release(string key) => AddEvent(key, new RegistrationReleased { At = Time.GetUtcNow() });

    /// <summary>Adds a malformed frame of the index feed with an unknown key.</summary>
    public void AddMalformedIndex(string raw) => Dispatcher.OnEvent(new TapItem(
        new MalformedFrame
        {
            Error = new FrameError(FrameErrorKind.InvalidCount, 0),
            Raw = Encoding.UTF8.GetBytes(raw),
            ReceivedAt = Time.GetUtcNow(),
        },
        s_index.TrId,
        s_index,
        null));

    /// <summary>Adds a malformed frame of an unknown feed.</summary>
    public void AddMalformed(string raw) => Dispatcher.OnEvent(new TapItem(
        new MalformedFrame
        {
            Error = new FrameError(FrameErrorKind.InvalidCount, 0),
            Raw = Encoding.UTF8.GetBytes(raw),
            ReceivedAt = Time.GetUtcNow(),
        },
        null,
        null,
        null));

    /// <summary>Reads the queue of a stream.</summary>
    public List<StreamEvent> ReadQueue(StreamOutlet outlet)
    {
        var buffer = new StreamItem[1];
        var events = new List<StreamEvent>();
        while (outlet.Queue.Read(buffer) > 0)
        {
            var text = Dispatcher.Renderer.Render(buffer[0], NameStyle.English);
            using var json = JsonDocument.Parse(text.AsMemory()[buffer[0].JsonOffset..^2]);
            var id = buffer[0].HasId ? StreamId.Format(Dispatcher.Epoch, buffer[0]) : null;
            events.Add(new StreamEvent(id, buffer[0].Kind.ToString().ToLowerInvariant(), json.RootElement.Clone()));
        }

        return events;
    }

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
        var item = new TapItem(feedEvent, feed.TrId, feed, key);
        _frames.OnEvent(item);
        Dispatcher.OnEvent(item);
    }
}
