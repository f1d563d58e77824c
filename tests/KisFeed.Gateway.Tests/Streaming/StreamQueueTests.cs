using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>The queue of a stream: kept and dropped items, and the gaps for dropped ones.</summary>
public sealed class StreamQueueTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 30, 0, TimeSpan.Zero);

    private static readonly RecordVolumes s_volumes = new(IndexTrade.Feed.Schema);

    private readonly ConsumerCounts _counts = new();
    private readonly Subscribed _kospi;
    private readonly Subscribed _kosdaq;

    public StreamQueueTests()
    {
        _kospi = SubscriptionOf("0001");
        _kosdaq = SubscriptionOf("1001");
    }

    [Fact]
    public void Items_within_the_limit_are_delivered_in_order_and_counted()
    {
        var queue = QueueOf(10);
        Enqueue(queue, 1, 10);

        ReadItems(queue).Select(item => item.Number).ShouldBe(Enumerable.Range(1, 10).Select(i => (long)i));
        _counts.Delivered.Value.ShouldBe(10);
        _counts.Dropped.Value.ShouldBe(0);
    }

    [Fact]
    public void The_queue_depth_is_known()
    {
        var queue = QueueOf(2);
        queue.Depth.ShouldBe(default);
        Enqueue(queue, 1, 3);
        queue.Depth.Records.ShouldBe(2);
        queue.Depth.Bytes.ShouldBe(2L * Record(_kospi, 4).Cost);

        ReadItems(queue);
        queue.Depth.ShouldBe(default);
        Enqueue(queue, _kospi, 4);
        queue.Drop();
        queue.Depth.ShouldBe(default);
    }

    [Fact]
    public void The_oldest_are_dropped_and_replaced_by_a_gap_for_each_key()
    {
        var queue = QueueOf(2);
        Enqueue(queue, _kospi, 1);
        ReadItems(queue);
        for (var i = 2; i <= 7; i++)
            Enqueue(queue, i % 2 == 0 ? _kospi : _kosdaq, i);

        var items = ReadItems(queue);

        // 2 and 4 of the first key and 3 and 5 of the second are dropped.
        items.Select(Describe).ShouldBe(["gap 0001 2 1-6", "gap 1001 2 -7", "record 6", "record 7"]);
        _counts.Dropped.Value.ShouldBe(4);
    }

    [Fact]
    public void With_latest_overflow_only_the_newest_of_each_key_stays()
    {
        var queue = QueueOf(4, StreamOverflow.Latest);
        foreach (var (number, subscription) in new[] { (1, _kosdaq), (2, _kospi), (3, _kospi), (4, _kospi), (5, _kospi) })
            Enqueue(queue, subscription, number);

        ReadItems(queue).Select(Describe).ShouldBe(["gap 0001 3 -5", "record 1", "record 5"]);
        _counts.Dropped.Value.ShouldBe(3);
    }

    [Fact]
    public void Dropped_gaps_and_interruptions_are_merged_into_the_reported_gap()
    {
        var queue = QueueOf(2);
        queue.Enqueue(Event(_kospi, 1, new Interruption { At = s_start, Reason = GapReason.ConnectionLost }), _kospi.QueuedKey);
        queue.Enqueue(Event(_kospi, 2, new Gap { Reason = GapReason.ConnectionLost, Frames = 7 }), _kospi.QueuedKey);
        Enqueue(queue, 3, 5);

        var gap = ReadItems(queue)[0].Event.ShouldBeOfType<Gap>();

        gap.Reason.ShouldBe(GapReason.ConnectionLost);
        gap.Frames.ShouldBe(8);
        _counts.Dropped.Value.ShouldBe(1);
    }

    [Fact]
    public void An_interruption_after_the_newest_record_stays()
    {
        var queue = QueueOf(2, StreamOverflow.Latest);
        Enqueue(queue, 1, 2);
        queue.Enqueue(Event(_kospi, 3, new Interruption { At = s_start, Reason = GapReason.Silence }), _kospi.QueuedKey);

        ReadItems(queue).Select(item => item.Kind).ShouldBe([StreamItemKind.Gap, StreamItemKind.Record, StreamItemKind.Interruption]);
    }

    [Fact]
    public void Control_items_are_never_dropped_and_keep_their_position_among_gaps()
    {
        var queue = QueueOf(1);
        Enqueue(queue, _kospi, 1);
        queue.Enqueue(StreamControlItems.Refused("first"));
        Enqueue(queue, _kosdaq, 2);
        queue.Enqueue(StreamControlItems.Refused("second"));
        Enqueue(queue, _kosdaq, 3);

        ReadItems(queue).Select(item => item.Kind).ShouldBe(
            [StreamItemKind.Gap, StreamItemKind.Refused, StreamItemKind.Gap, StreamItemKind.Refused, StreamItemKind.Record]);
    }

    [Fact]
    public void Bytes_are_limited_but_one_item_of_any_size_fits()
    {
        var item = Record(_kospi, 1);
        var queue = new StreamQueue(new StreamLimits(1_000, 3 * item.Cost, StreamOverflow.DropOldest), _counts, new StreamCounters());
        Enqueue(queue, 1, 10);
        ReadItems(queue).Count(i => i.Kind == StreamItemKind.Record).ShouldBe(3);

        var tiny = new StreamQueue(new StreamLimits(1_000, 1, StreamOverflow.DropOldest), _counts, new StreamCounters());
        tiny.Enqueue(item, _kospi.QueuedKey);
        ReadItems(tiny).ShouldHaveSingleItem().ShouldBe(item);
    }

    [Fact]
    public void With_disconnect_overflow_the_queued_items_and_the_end_are_delivered()
    {
        var queue = QueueOf(2, StreamOverflow.Disconnect);
        Enqueue(queue, 1, 2);

        Enqueue(queue, _kospi, 3).ShouldBe(EnqueueResult.Overflow);
        Enqueue(queue, _kospi, 4).ShouldBe(EnqueueResult.None);
        queue.Complete(StreamControlItems.End("too slow"));

        ReadItems(queue).Select(Describe).ShouldBe(["record 1", "record 2", "End"]);
        _counts.Dropped.Value.ShouldBe(0);
    }

    [Fact]
    public void Replayed_items_do_not_count_against_the_limit()
    {
        var queue = QueueOf(2);
        for (var i = 1; i <= 10; i++)
            queue.EnqueueReplayed(Record(_kospi, i), _kospi.QueuedKey);
        Enqueue(queue, 11, 12);
        _counts.Dropped.Value.ShouldBe(0);
        Enqueue(queue, _kospi, 13);
        _counts.Dropped.Value.ShouldBe(1);
        ReadItems(queue);

        Enqueue(queue, 14, 16);
        _counts.Dropped.Value.ShouldBe(2, "only one item fits");
    }

    [Fact]
    public async Task The_reader_is_woken_once_and_learns_the_end()
    {
        var queue = QueueOf(10);
        var waiting = queue.WaitAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        Enqueue(queue, _kospi, 1).ShouldBe(EnqueueResult.Wake);
        Enqueue(queue, _kospi, 2).ShouldBe(EnqueueResult.None);
        queue.Wake();
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
        ReadItems(queue).Count.ShouldBe(2);

        waiting = queue.WaitAsync().AsTask();
        queue.Complete(null);
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeFalse();
    }

    [Fact]
    public void A_heartbeat_is_queued_only_if_nothing_was_read_since_the_previous_one()
    {
        var queue = QueueOf(10);
        var heartbeat = StreamControlItems.Heartbeat(s_start);
        Enqueue(queue, _kospi, 1);
        ReadItems(queue);
        queue.EnqueueHeartbeat(heartbeat);
        ReadItems(queue).ShouldBeEmpty();
        queue.EnqueueHeartbeat(heartbeat);
        queue.EnqueueHeartbeat(heartbeat);
        ReadItems(queue).ShouldBe([heartbeat]);
    }

    [Theory]
    [InlineData(nameof(StreamOverflow.DropOldest))]
    [InlineData(nameof(StreamOverflow.Latest))]
    public void In_any_sequence_every_record_is_delivered_or_counted(string policy)
    {
        var overflow = Enum.Parse<StreamOverflow>(policy);
        var seed = TestRun.Seed;
        var random = new Random(seed);
        for (var course = 0; course < 200; course++)
        {
            var counts = new ConsumerCounts();
            var queue = new StreamQueue(new StreamLimits(random.Next(1, 20), 1 << 20, overflow), counts, new StreamCounters());
            Subscribed[] subscriptions = [SubscriptionOf("0001"), SubscriptionOf("1001"), SubscriptionOf("2001")];
            var posted = 0;
            var (delivered, counted, last) = (0L, 0L, 0L);
            for (var step = 0; step < 200; step++)
            {
                if (random.Next(4) > 0)
                {
                    var subscription = subscriptions[random.Next(subscriptions.Length)];
                    Enqueue(queue, subscription, ++posted);
                }
                else
                {
                    Count(ReadItems(queue, random.Next(1, 10)));
                }
            }

            Count(ReadItems(queue));
            (delivered + counted).ShouldBe(posted, $"seed {seed}, course {course}");
            counts.Dropped.Value.ShouldBe(counted, $"seed {seed}, course {course}");

            void Count(List<StreamItem> items)
            {
                foreach (var item in items)
                {
                    if (item.Event is Gap gap)
                    {
                        counted += gap.Frames!.Value;
                        continue;
                    }

                    delivered++;
                    item.Number.ShouldBeGreaterThan(last, $"seed {seed}, course {course}");
                    last = item.Number;
                }
            }
        }
    }

    private static EnqueueResult Enqueue(StreamQueue queue, Subscribed of, long number) => queue.Enqueue(Record(of, number), of.QueuedKey);

    private void Enqueue(StreamQueue queue, int first, int last)
    {
        for (var i = first; i <= last; i++)
            Enqueue(queue, _kospi, i);
    }

    private static List<StreamItem> ReadItems(StreamQueue queue, int max = int.MaxValue)
    {
        var items = new List<StreamItem>();
        var buffer = new StreamItem[Math.Min(3, max)];
        while (items.Count < max && queue.Read(buffer) is > 0 and var count)
            items.AddRange(buffer[..count]);
        return items;
    }

    private static string Describe(StreamItem item) => item.Event is Gap gap
        ? $"gap {item.Key!.Key} {gap.Frames} {Minute(gap.From)}-{Minute(gap.To)}"
        : item.Kind == StreamItemKind.Record ? $"record {item.Number}" : item.Kind.ToString();

    private static string Minute(DateTimeOffset? at) => at is { } moment ? $"{(moment - s_start).TotalMinutes}" : "";

    private StreamQueue QueueOf(int records, StreamOverflow overflow = StreamOverflow.DropOldest) =>
        new(new StreamLimits(records, 1 << 20, overflow), _counts, new StreamCounters());

    private static Subscribed SubscriptionOf(string key) =>
        new(new ItemKey(IndexTrade.Feed.Schema, key, s_volumes));

    private static StreamItem Record(Subscribed of, long number) => new()
    {
        Kind = StreamItemKind.Record,
        Number = number,
        Feed = of.Key.Feed,
        Key = of.Key,
        ReceivedAt = s_start + TimeSpan.FromMinutes(number),
    };

    private static StreamItem Event(Subscribed of, long number, FeedEvent feedEvent) => new()
    {
        Kind = feedEvent is Gap ? StreamItemKind.Gap : StreamItemKind.Interruption,
        Number = number,
        Feed = of.Key.Feed,
        Key = of.Key,
        Event = feedEvent,
    };

    /// <summary>A key of the stream.</summary>
    private sealed class Subscribed(ItemKey key)
    {
        public ItemKey Key => key;

        public StreamQueue.QueuedKey QueuedKey { get; } = StreamQueue.NewKey(key);
    }
}
