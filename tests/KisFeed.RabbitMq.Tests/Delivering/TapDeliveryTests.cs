using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Delivering;
using KisFeed.TestSupport;
using KisFeed.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq.Tests.Delivering;

/// <summary>Messages in, tap items out: what a tap gets of the streams of several publishers.</summary>
public sealed class TapDeliveryTests
{
    private static readonly FeedSchema s_feed = IndexTrade.Feed.Schema;

    private readonly int _seeds = TestRun.Of(5000);

    [Fact]
    public void Each_record_is_delivered_once_and_each_loss_is_one_gap()
    {
        for (var seed = TestRun.Seed; seed < TestRun.Seed + _seeds; seed++)
        {
            var random = new Random(seed);
            var streams = new PublishedStreams(random);
            var tap = new Tap(streams);
            var (keys, late) = (PublishedStreams.Keys.Take(4).ToList(), PublishedStreams.Keys[4]);
            keys.ForEach(tap.Add);
            for (var step = 0; step < 150; step++)
            {
                if (step == 70)
                    tap.Add(late);
                tap.Deliver(streams.Step(tap.Now));
            }

            foreach (var key in keys.Append(late))
                tap.ItemsOf(key).ShouldBe(streams.ExpectedOf(key), $"seed {seed}, key {key}");
            tap.SessionEvents.ShouldBe(streams.SessionEvents, $"seed {seed}");
            tap.Problems.ShouldBeEmpty($"seed {seed}");
        }
    }

    private sealed class Tap
    {
        private readonly ManualTimeProvider _time = new();
        private readonly ReceiveClock _clock;
        private readonly PublishedStreams _streams;
        private readonly TapDelivery _delivery;
        private readonly TapQueue _queue;
        private readonly Dictionary<string, List<int?>> _items = [];
        private readonly Dictionary<string, bool> _isInterrupted = [];
        private readonly RecordReaderBuffer _scratch = new();
        private DateTimeOffset _last;

        public Tap(PublishedStreams streams)
        {
            _streams = streams;
            _clock = new ReceiveClock(_time);
            _delivery = new TapDelivery(KisFeeds.Catalog, PublishedStreams.Partitions, _clock, null, NullLogger.Instance);
            _queue = new TapQueue(new FrameTapOptions(), _clock);
            _delivery.AddTap(_queue);
        }

        public DateTimeOffset Now => _time.GetUtcNow();

        public int SessionEvents { get; private set; }

        public List<string> Problems { get; } = [];

        public List<int?> ItemsOf(string key) => _items[key];

        public void Add(string key)
        {
            _items.Add(key, []);
            _streams.Want(key);
            var wanted = _delivery.Add(s_feed, key);
            wanted.Confirm(
                new TapRegistration(_queue, s_feed, key, new FeedTotals(), _ => { }), "cluster", _clock.EventAt(), isBehind: false);
            Read();
        }

        // The order of messages within a stream is kept; streams are read independently.
        public void Deliver(List<(int Partition, RabbitMq.Reading.StreamMessage Message)> messages)
        {
            foreach (var (partition, message) in messages)
            {
                _delivery.StreamOf(partition).Deliver(message, null);
                _time.Advance(TimeSpan.FromTicks(17));
            }

            _time.Advance(TimeSpan.FromMilliseconds(1));
            Read();
        }

        private void Read()
        {
            while (_queue.TryRead())
            {
                ref readonly var item = ref _queue.Current;
                if (item.Event is null)
                    ReadFrame(item);
                else
                    ReadEvent(item);
            }
        }

        private void ReadFrame(in QueuedFrame item)
        {
            Check(item.ReceivedAt > _last, "times increase");
            Check(item.ReceivedAt <= Now, "no time is in the future");
            _last = item.ReceivedAt;
            Check(DataFrame.TryParse(item.Text, out var frame, out _), "it is a frame");
            Check(_scratch.TryRead(s_feed, frame, out var reader, out _), "the frame is readable");
            Check(reader.Shape == item.Shape, "the shape is that of the frame");
            while (reader.MoveNext())
            {
                var key = System.Text.Encoding.UTF8.GetString(s_feed.KeyOf(reader.Current));
                Check(_items.ContainsKey(key), "the frame has wanted records only");
                IndexTrade.TryDecode(reader.Current, new StringPool(), item.ReceivedAt, out var record, out _);
                Check(!_isInterrupted.GetValueOrDefault(key), "a gap follows an interruption");
                if (_items.TryGetValue(key, out var items))
                    items.Add((int)record.AccumulatedVolume!);
            }
        }

        private void ReadEvent(in QueuedFrame item)
        {
            switch (item.Event)
            {
                case SessionConnected:
                    SessionEvents++;
                    break;
                case Interruption interruption:
                    Check(_isInterrupted.TryAdd(interruption.Key!, value: true), "an interruption is reported once");
                    break;
                case Gap gap:
                    Check(_isInterrupted.Remove(gap.Key!), "an interruption precedes a gap");
                    Check(gap.From is null || gap.From < gap.To, "a gap has a span");
                    _items[gap.Key!].Add(null);
                    break;
                case RegistrationConfirmed or FirstFrame:
                    break;
                default:
                    Problems.Add($"unexpected {item.Event}");
                    break;
            }
        }

        private void Check(bool holds, string rule)
        {
            if (!holds)
                Problems.Add(rule);
        }
    }
}
