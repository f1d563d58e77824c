using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Web.Streaming;

/// <summary>What a stream's queue keeps, drops and says of what it dropped.</summary>
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
    public void What_fits_comes_in_its_order_and_is_counted()
    {
        var queue = QueueOf(10);
        for (var i = 1; i <= 10; i++)
            queue.Post(Record(_kospi, i), _kospi.Slot);

        Taken(queue).Select(item => item.Number).ShouldBe(Enumerable.Range(1, 10).Select(i => (long)i));
        _counts.Delivered.ShouldBe(10);
        _counts.Dropped.ShouldBe(0);
    }

    [Fact]
    public void What_waits_is_known()
    {
        var queue = QueueOf(2);
        queue.Waiting.ShouldBe(default);
        for (var i = 1; i <= 3; i++)
            queue.Post(Record(_kospi, i), _kospi.Slot);
        queue.Waiting.Records.ShouldBe(2);
        queue.Waiting.Bytes.ShouldBe(2L * Record(_kospi, 4).Cost);

        Taken(queue);
        queue.Waiting.ShouldBe(default);
        queue.Post(Record(_kospi, 4), _kospi.Slot);
        queue.Drop();
        queue.Waiting.ShouldBe(default);
    }

    [Fact]
    public void The_oldest_go_and_a_gap_of_each_key_stands_in_their_place()
    {
        var queue = QueueOf(2);
        queue.Post(Record(_kospi, 1), _kospi.Slot);
        Taken(queue);
        for (var i = 2; i <= 7; i++)
            queue.Post(Record(i % 2 == 0 ? _kospi : _kosdaq, i), (i % 2 == 0 ? _kospi : _kosdaq).Slot);

        var items = Taken(queue);

        // 2 and 4 of the one and 3 and 5 of the other are gone.
        items.Select(Describe).ShouldBe(["gap 0001 2 1-6", "gap 1001 2 -7", "record 6", "record 7"]);
        _counts.Dropped.ShouldBe(4);
    }

    [Fact]
    public void All_but_the_newest_of_each_key_go_where_that_is_wished()
    {
        var queue = QueueOf(4, StreamOverflow.Latest);
        foreach (var (number, subscription) in new[] { (1, _kosdaq), (2, _kospi), (3, _kospi), (4, _kospi), (5, _kospi) })
            queue.Post(Record(subscription, number), subscription.Slot);

        Taken(queue).Select(Describe).ShouldBe(["gap 0001 3 -5", "record 1", "record 5"]);
        _counts.Dropped.ShouldBe(3);
    }

    [Fact]
    public void A_gap_and_an_interruption_that_are_dropped_live_on_in_the_gap_that_is_told()
    {
        var queue = QueueOf(2);
        queue.Post(Event(_kospi, 1, new Interruption { At = s_start, Reason = GapReason.ConnectionLost }), _kospi.Slot);
        queue.Post(Event(_kospi, 2, new Gap { Reason = GapReason.ConnectionLost, Frames = 7 }), _kospi.Slot);
        for (var i = 3; i <= 5; i++)
            queue.Post(Record(_kospi, i), _kospi.Slot);

        var gap = Taken(queue)[0].Event.ShouldBeOfType<Gap>();

        gap.Reason.ShouldBe(GapReason.ConnectionLost);
        gap.Frames.ShouldBe(8);
        _counts.Dropped.ShouldBe(1);
    }

    [Fact]
    public void An_interruption_behind_the_newest_record_stays()
    {
        var queue = QueueOf(2, StreamOverflow.Latest);
        queue.Post(Record(_kospi, 1), _kospi.Slot);
        queue.Post(Record(_kospi, 2), _kospi.Slot);
        queue.Post(Event(_kospi, 3, new Interruption { At = s_start, Reason = GapReason.Silence }), _kospi.Slot);

        Taken(queue).Select(item => item.Kind).ShouldBe([StreamItemKind.Gap, StreamItemKind.Record, StreamItemKind.Interruption]);
    }

    [Fact]
    public void What_is_of_the_stream_alone_is_never_dropped_and_keeps_its_place_among_gaps()
    {
        var queue = QueueOf(1);
        queue.Post(Record(_kospi, 1), _kospi.Slot);
        queue.Post(StreamControlItems.Refused("first"));
        queue.Post(Record(_kosdaq, 2), _kosdaq.Slot);
        queue.Post(StreamControlItems.Refused("second"));
        queue.Post(Record(_kosdaq, 3), _kosdaq.Slot);

        Taken(queue).Select(item => item.Kind).ShouldBe(
            [StreamItemKind.Gap, StreamItemKind.Refused, StreamItemKind.Gap, StreamItemKind.Refused, StreamItemKind.Record]);
    }

    [Fact]
    public void Bytes_are_bounded_too_and_one_item_fits_however_large()
    {
        var item = Record(_kospi, 1);
        var queue = new StreamQueue(new StreamLimits(1_000, 3 * item.Cost, StreamOverflow.DropOldest), _counts, new StreamCounters());
        for (var i = 1; i <= 10; i++)
            queue.Post(Record(_kospi, i), _kospi.Slot);
        Taken(queue).Count(i => i.Kind == StreamItemKind.Record).ShouldBe(3);

        var tiny = new StreamQueue(new StreamLimits(1_000, 1, StreamOverflow.DropOldest), _counts, new StreamCounters());
        tiny.Post(item, _kospi.Slot);
        Taken(tiny).ShouldHaveSingleItem().ShouldBe(item);
    }

    [Fact]
    public void Who_wants_to_be_ended_takes_nothing_more_and_gets_what_waits_and_the_end()
    {
        var queue = QueueOf(2, StreamOverflow.Disconnect);
        queue.Post(Record(_kospi, 1), _kospi.Slot);
        queue.Post(Record(_kospi, 2), _kospi.Slot);

        queue.Post(Record(_kospi, 3), _kospi.Slot).ShouldBe(PostResult.Overrun);
        queue.Post(Record(_kospi, 4), _kospi.Slot).ShouldBe(PostResult.None);
        queue.Complete(StreamControlItems.End("too slow"));

        Taken(queue).Select(Describe).ShouldBe(["record 1", "record 2", "End"]);
        _counts.Dropped.ShouldBe(0);
    }

    [Fact]
    public void What_is_replayed_does_not_take_the_room_of_what_is_new()
    {
        var queue = QueueOf(2);
        for (var i = 1; i <= 10; i++)
            queue.PostReplayed(Record(_kospi, i), _kospi.Slot);
        queue.Post(Record(_kospi, 11), _kospi.Slot);
        queue.Post(Record(_kospi, 12), _kospi.Slot);
        _counts.Dropped.ShouldBe(0);
        queue.Post(Record(_kospi, 13), _kospi.Slot);
        _counts.Dropped.ShouldBe(1);
        Taken(queue);

        for (var i = 14; i <= 16; i++)
            queue.Post(Record(_kospi, i), _kospi.Slot);
        _counts.Dropped.ShouldBe(2, "the room was there once");
    }

    [Fact]
    public async Task The_reader_is_woken_once_and_told_when_there_is_nothing_more()
    {
        var queue = QueueOf(10);
        var waiting = queue.WaitAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        queue.Post(Record(_kospi, 1), _kospi.Slot).ShouldBe(PostResult.Wake);
        queue.Post(Record(_kospi, 2), _kospi.Slot).ShouldBe(PostResult.None);
        queue.Wake();
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
        Taken(queue).Count.ShouldBe(2);

        waiting = queue.WaitAsync().AsTask();
        queue.Complete(null).ShouldBe(PostResult.Wake);
        queue.Wake();
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeFalse();
    }

    [Fact]
    public void A_heartbeat_is_put_in_only_where_nothing_was_taken_since_the_one_before()
    {
        var queue = QueueOf(10);
        var heartbeat = StreamControlItems.Heartbeat(s_start);
        queue.Post(Record(_kospi, 1), _kospi.Slot);
        Taken(queue);
        queue.PostHeartbeat(heartbeat);
        Taken(queue).ShouldBeEmpty();
        queue.PostHeartbeat(heartbeat);
        queue.PostHeartbeat(heartbeat);
        Taken(queue).ShouldBe([heartbeat]);
    }

    [Theory]
    [InlineData(nameof(StreamOverflow.DropOldest))]
    [InlineData(nameof(StreamOverflow.Latest))]
    public void Whatever_the_course_every_record_is_delivered_or_counted(string policy)
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
                    queue.Post(Record(subscription, ++posted), subscription.Slot);
                }
                else
                {
                    Count(Taken(queue, random.Next(1, 10)));
                }
            }

            Count(Taken(queue));
            (delivered + counted).ShouldBe(posted, $"seed {seed}, course {course}");
            counts.Dropped.ShouldBe(counted, $"seed {seed}, course {course}");

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

    private static List<StreamItem> Taken(StreamQueue queue, int most = int.MaxValue)
    {
        var items = new List<StreamItem>();
        var room = new StreamItem[Math.Min(3, most)];
        while (items.Count < most && queue.Read(room) is > 0 and var count)
            items.AddRange(room[..count]);
        return items;
    }

    private static string Describe(StreamItem item) => item.Event is Gap gap
        ? $"gap {item.Key!.Key} {gap.Frames} {Minute(gap.From)}-{Minute(gap.To)}"
        : item.Kind == StreamItemKind.Record ? $"record {item.Number}" : item.Kind.ToString();

    private static string Minute(DateTimeOffset? at) => at is { } moment ? $"{(moment - s_start).TotalMinutes}" : "";

    private StreamQueue QueueOf(int records, StreamOverflow overflow = StreamOverflow.DropOldest) =>
        new(new StreamLimits(records, 1 << 20, overflow), _counts, new StreamCounters());

    private static Subscribed SubscriptionOf(string key) =>
        new(new StreamKey(IndexTrade.Feed.Schema, key, s_volumes));

    private static StreamItem Record(Subscribed of, long number) => new()
    {
        Kind = StreamItemKind.Record,
        Number = number,
        Feed = of.Key.Feed,
        Key = of.Key,
        ReceivedAt = s_start + TimeSpan.FromMinutes(number),
    };

    private static StreamItem Event(Subscribed of, long number, FeedEvent happened) => new()
    {
        Kind = happened is Gap ? StreamItemKind.Gap : StreamItemKind.Interruption,
        Number = number,
        Feed = of.Key.Feed,
        Key = of.Key,
        Event = happened,
    };

    /// <summary>A key of the stream.</summary>
    private sealed class Subscribed(StreamKey key)
    {
        public StreamKey Key => key;

        public StreamQueue.Slot Slot { get; } = StreamQueue.NewSlot(key);
    }
}
