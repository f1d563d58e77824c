using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Gaps reported by a server, combined with gaps of the queue.</summary>
public sealed class UpstreamGapTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_gap_of_the_server_precedes_its_frame_unchanged()
    {
        var queue = Create();
        Write(queue, 10);
        queue.Interrupt(GapReason.Silence, At(11), isUpstream: true);
        queue.AddUpstreamGap(CreateGap(GapReason.Silence, 9, 19, frames: null));
        Write(queue, 20);

        Drain(queue).ShouldBe(["10", "interruption Silence", "gap Silence 9-19 ", "20"]);
    }

    [Fact]
    public void Frames_dropped_by_the_server_need_no_interruption()
    {
        var queue = Create();
        Write(queue, 10);
        queue.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 9, 19, frames: 5));
        Write(queue, 20);

        Drain(queue).ShouldBe(["10", "gap QueueOverflow 9-19 5", "20"]);
    }

    [Fact]
    public void A_lost_connection_at_the_same_place_extends_the_gap()
    {
        var queue = Create();
        Write(queue, 10);
        queue.Interrupt(GapReason.ConnectionLost, At(11));
        queue.AddUpstreamGap(CreateGap(GapReason.Silence, 9, 19, frames: null));
        Write(queue, 20);
        queue.Interrupt(GapReason.Silence, At(21), isUpstream: true);
        queue.Interrupt(GapReason.ConnectionLost, At(22));
        queue.AddUpstreamGap(CreateGap(GapReason.Silence, 19, 29, frames: 2));
        Write(queue, 30);

        Drain(queue).ShouldBe(
            ["10", "interruption ConnectionLost", "gap ConnectionLost 9-20 ", "20", "interruption Silence", "gap Silence 19-30 2", "30"]);
    }

    [Fact]
    public void Frames_dropped_by_the_queue_are_added()
    {
        var newest = Create(capacity: 1, OverflowPolicy.DropNewest);
        Write(newest, 10);
        newest.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 9, 19, frames: 5));
        Write(newest, 20);
        Write(newest, 30);
        Drain(newest).ShouldBe(["10"]);
        Write(newest, 40);
        Drain(newest).ShouldBe(["gap QueueOverflow 9-40 7", "40"]);

        var oldest = Create(capacity: 1);
        Write(oldest, 10);
        Drain(oldest).ShouldBe(["10"]);
        oldest.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 9, 19, frames: 5));
        Write(oldest, 20);
        Write(oldest, 30);
        Drain(oldest).ShouldBe(["gap QueueOverflow 9-30 6", "30"]);
    }

    /// <summary>The consumer has begun to read a batch, and newer frames displace gaps behind it.</summary>
    [Fact]
    public void A_displaced_gap_is_reported_where_it_was()
    {
        var queue = Create(capacity: 16);
        Write(queue, 10);
        queue.Interrupt(GapReason.ConnectionLost);
        Write(queue, 20);
        queue.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 19, 29, frames: 5));
        Write(queue, 30);
        queue.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 29, 39, frames: 7));
        Write(queue, 40);
        queue.Interrupt(GapReason.Silence, At(41));
        Write(queue, 50);
        queue.TryRead(out var first, out _).ShouldBeTrue();
        first.ReceivedAt.ShouldBe(At(10));
        for (var second = 51; queue.Dropped < 2; second++)
            Write(queue, second);

        ReadNext(queue).ShouldBe(["gap ConnectionLost 10-20 ", "20"]);
        ReadNext(queue).ShouldBe(["interruption Silence"]);
        queue.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 69, 79, frames: 11));
        for (var second = 80; queue.Dropped < 25; second++)
            Write(queue, second);

        ReadNext(queue).ShouldBe(["gap Silence 19-50 14", "50"]);
        ReadNext(queue).ShouldBe(["gap QueueOverflow 50-89 34", "89"]);
        Drain(queue).Count.ShouldBe(14);
    }

    [Fact]
    public void A_gap_that_no_frame_follows_is_the_last_item()
    {
        var queue = Create();
        Write(queue, 10);
        queue.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 9, 19, frames: 5));
        queue.Complete(null);

        Drain(queue).ShouldBe(["10"]);
        Describe(queue.ReadFinalGap().ShouldNotBeNull()).ShouldBe("gap QueueOverflow 9-19 5");
        queue.ReadFinalGap().ShouldBeNull();
    }

    [Fact]
    public void A_gap_without_an_end_ends_with_the_next_frame()
    {
        var queue = Create();
        Write(queue, 10);
        queue.AddUpstreamGap(CreateGap(GapReason.StoodDown, 9, null, frames: null));
        Write(queue, 20);

        Drain(queue).ShouldBe(["10", "gap StoodDown 9-20 ", "20"]);
    }

    [Fact]
    public void A_tap_reports_the_same()
    {
        var queue = new TapQueue(new FrameTapOptions { Capacity = 1 }, new ReceiveClock(TimeProvider.System));
        var registration = new TapRegistration(queue, KisFeed.Feeds.IndexTrade.Feed.Schema, "0001", new FeedTotals(), _ => { });
        WriteFrame(10);
        registration.Interrupt(GapReason.Silence, At(11), isUpstream: true);
        registration.AddUpstreamGap(CreateGap(GapReason.Silence, 9, 19, frames: null));
        Read().ShouldBe(["first", "10", "interruption Silence"]);
        WriteFrame(20);
        Read().ShouldBe(["gap Silence 9-19 ", "20"]);
        WriteFrame(25);
        WriteFrame(26);
        registration.AddUpstreamGap(CreateGap(GapReason.QueueOverflow, 24, 29, frames: 3));
        Read().ShouldBe(["25"]);
        WriteFrame(30);
        Read().ShouldBe(["gap QueueOverflow 24-30 4", "30"]);
        registration.AddUpstreamGap(CreateGap(GapReason.StoodDown, 29, null, frames: null));
        WriteFrame(40);
        Read().ShouldBe(["gap StoodDown 29-40 ", "40"]);

        void WriteFrame(int second)
        {
            registration.Write([], default, At(second));
            queue.EndFrame([1], default, At(second));
        }

        List<string> Read()
        {
            List<string> items = [];
            while (queue.TryRead(out var item))
                items.Add(item.Event is null ? $"{(item.ReceivedAt - s_start).TotalSeconds}" : Describe(item.Event));
            return items;
        }
    }

    private static FrameQueue Create(int capacity = 10, OverflowPolicy policy = OverflowPolicy.DropOldest) =>
        new(capacity, 1 << 20, policy);

    private static DateTimeOffset At(int second) => s_start.AddSeconds(second);

    private static Gap CreateGap(GapReason reason, int from, int? to, long? frames) =>
        new() { Reason = reason, From = At(from), To = to is { } end ? At(end) : null, Frames = frames };

    private static void Write(FrameQueue queue, int second) => queue.Write([1], default, At(second));

    private static List<string> Drain(FrameQueue queue)
    {
        List<string> items = [];
        while (ReadNext(queue) is { Count: > 0 } next)
            items.AddRange(next);
        return items;
    }

    // The next item and the gap before it.
    private static List<string> ReadNext(FrameQueue queue)
    {
        if (!queue.TryRead(out var item, out var gap))
            return [];
        List<string> items = gap is null ? [] : [Describe(gap)];
        items.Add(item.Event is null ? $"{(item.ReceivedAt - s_start).TotalSeconds}" : Describe(item.Event));
        return items;
    }

    private static string Describe(FeedEvent feedEvent) => feedEvent switch
    {
        Gap gap => $"gap {gap.Reason} {(gap.From - s_start)?.TotalSeconds}-{(gap.To - s_start)?.TotalSeconds} {gap.Frames}",
        Interruption interruption => $"interruption {interruption.Reason}",
        FirstFrame => "first",
        _ => throw new ArgumentException($"{feedEvent} is not expected", nameof(feedEvent)),
    };
}
