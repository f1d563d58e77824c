using System.Runtime.InteropServices;
using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Missing data are reported immediately, and again as a gap before the next frame.</summary>
public sealed class InterruptionTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Fact]
    public void An_interruption_follows_the_last_frame_and_its_gap_precedes_the_next()
    {
        var queue = Create();
        Write(queue, 0);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(3));
        Drain(queue).ShouldBe(["0", "interruption ConnectionLost 3"]);
        Write(queue, 7);
        Write(queue, 8);
        Drain(queue).ShouldBe(["gap ConnectionLost 0-7 frames ", "7", "8"]);
    }

    [Fact]
    public async Task An_interruption_wakes_a_waiting_reader()
    {
        var queue = Create();
        var waiting = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        queue.Interrupt(GapReason.Silence, s_at);
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
        Drain(queue).ShouldBe(["interruption Silence 0"]);
    }

    [Fact]
    public void The_first_of_several_interruptions_without_a_frame_between_them_is_kept()
    {
        var queue = Create();
        queue.Interrupt(GapReason.Silence, s_at);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(1));
        queue.Interrupt(GapReason.Renewed);
        Write(queue, 5);
        queue.Interrupt(GapReason.Moved, s_at.AddSeconds(6));
        Write(queue, 7);
        Drain(queue).ShouldBe(
            ["interruption Silence 0", "gap Silence -5 frames ", "5", "interruption Moved 6", "gap Moved 5-7 frames ", "7"]);
    }

    [Fact]
    public void A_renewed_registration_is_reported_only_with_the_next_frame()
    {
        var queue = Create();
        queue.Interrupt(GapReason.Renewed);
        Drain(queue).ShouldBeEmpty();
        Write(queue, 1);
        Drain(queue).ShouldBe(["gap Renewed -1 frames ", "1"]);
    }

    [Fact]
    public void A_loss_after_a_renewal_is_reported_immediately()
    {
        var queue = Create();
        queue.Interrupt(GapReason.Renewed);
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        Write(queue, 1);
        Drain(queue).ShouldBe(["interruption ConnectionLost 0", "gap Renewed -1 frames ", "1"]);
    }

    [Fact]
    public void An_eviction_and_its_end_are_items_and_their_gap_precedes_the_next_frame()
    {
        var queue = Create();
        Write(queue, 0);
        queue.Evict(s_at.AddSeconds(1));
        queue.Evict(s_at.AddSeconds(2));
        queue.Confirm("1", s_at.AddSeconds(3));
        queue.Confirm("1", s_at.AddSeconds(4));
        Write(queue, 5);
        Drain(queue).ShouldBe(["0", "evicted 1", "restored 3", "gap Evicted 0-5 frames ", "5"]);
    }

    [Fact]
    public void An_interruption_before_and_one_after_an_eviction_are_reported()
    {
        var queue = Create();
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        queue.Evict(s_at.AddSeconds(1));
        queue.Confirm("1", s_at.AddSeconds(2));
        queue.Interrupt(GapReason.Silence, s_at.AddSeconds(3));
        Write(queue, 4);
        Drain(queue).ShouldBe(
            [
                "interruption ConnectionLost 0", "evicted 1", "restored 2", "interruption Silence 3", "gap ConnectionLost -4 frames ", "4",
            ]);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void An_interruption_is_stored_even_in_a_full_queue_and_replaces_no_frame(OverflowPolicy policy)
    {
        var queue = Create(3, policy);
        for (var i = 0; i < 3; i++)
            Write(queue, i);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(3));
        (queue.Received, queue.Dropped, queue.Depth).ShouldBe((3, 0, 3));
        Drain(queue).ShouldBe(["0", "1", "2", "interruption ConnectionLost 3"]);
    }

    [Fact]
    public void Frames_dropped_after_an_interruption_are_part_of_its_gap()
    {
        var queue = Create(3, OverflowPolicy.DropNewest);
        for (var i = 0; i < 4; i++)
            Write(queue, i);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(4));
        Write(queue, 5);
        Write(queue, 6);
        Drain(queue).ShouldBe(["0", "1", "2", "interruption ConnectionLost 4"]);
        Write(queue, 7);
        Drain(queue).ShouldBe(["gap ConnectionLost 2-7 frames 3", "7"]);
    }

    [Fact]
    public void A_gap_spans_frames_dropped_before_and_after_an_interruption()
    {
        var queue = Create(2);
        Write(queue, 0);
        Drain(queue).ShouldBe(["0"]);
        Write(queue, 1);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(2));
        for (var i = 3; i < 9; i++)
            Write(queue, i);
        (queue.Depth, queue.Dropped).ShouldBe((2, 5));
        Drain(queue).ShouldBe(["gap ConnectionLost 0-7 frames 5", "7", "8"]);
    }

    [Fact]
    public void Interruptions_do_not_grow_an_unread_queue()
    {
        var queue = Create(3, OverflowPolicy.DropNewest);
        for (var i = 0; i < 100; i++)
        {
            Write(queue, i);
            queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(i));
        }

        Drain(queue).ShouldBe(
            [
                "0", "interruption ConnectionLost 0", "gap ConnectionLost 0-1 frames ", "1", "interruption ConnectionLost 1",
                "gap ConnectionLost 1-2 frames ", "2", "interruption ConnectionLost 2",
            ]);
    }

    [Fact]
    public void Gaps_of_different_reasons_keep_their_places()
    {
        var queue = Create(2);
        for (var i = 0; i < 3; i++)
            Write(queue, i);
        queue.Interrupt(GapReason.Silence, s_at.AddSeconds(3));
        queue.TryRead(out _, out var gap).ShouldBeTrue();
        gap.ShouldBe(new Gap { Reason = GapReason.QueueOverflow, Frames = 1, To = s_at.AddSeconds(1) });
        Write(queue, 4);
        Drain(queue).ShouldBe(["2", "interruption Silence 3", "gap Silence 2-4 frames ", "4"]);
    }

    [Fact]
    public void A_malformed_frame_ends_a_gap()
    {
        var queue = Create();
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        queue.Write(new MalformedFrame { Error = default, Raw = default, ReceivedAt = s_at.AddSeconds(1) });
        Write(queue, 2);
        Drain(queue).ShouldBe(["interruption ConnectionLost 0", "gap ConnectionLost -1 frames ", "malformed", "2"]);
    }

    [Fact]
    public void Completion_without_another_frame_leaves_an_open_gap()
    {
        var queue = Create(1, OverflowPolicy.DropNewest);
        Write(queue, 0);
        Write(queue, 1);
        queue.Interrupt(GapReason.ConnectionLost, s_at.AddSeconds(2));
        queue.Complete(null);
        queue.Interrupt(GapReason.Silence, s_at.AddSeconds(3));
        Drain(queue).ShouldBe(["0", "interruption ConnectionLost 2"]);
        queue.ReadFinalGap().ShouldBe(new Gap { Reason = GapReason.ConnectionLost, From = s_at, Frames = 1 });
        queue.ReadFinalGap().ShouldBeNull();
    }

    [Fact]
    public void An_interruption_after_completion_is_ignored()
    {
        var queue = Create();
        Write(queue, 0);
        queue.Complete(null);
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        Drain(queue).ShouldBe(["0"]);
        queue.ReadFinalGap().ShouldBeNull();
    }

    // For any sequence of frames, interruptions and reads, there is a gap between two frames if and only if a frame was dropped or the flow
    // interrupted between them, with the right count; and a reader that has read everything knows whether data may be missing since.
    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void Every_loss_is_reported_and_only_losses_are_reported(OverflowPolicy policy)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var queue = Create(random.Next(1, 6), policy);
            var interruptedBefore = new List<bool> { false };
            var lastRead = -1;
            var isStale = false;
            for (var step = 0; step < 300; step++)
            {
                switch (random.Next(8))
                {
                    case < 4:
                        Write(queue, interruptedBefore.Count - 1);
                        interruptedBefore.Add(false);
                        break;
                    case 4:
                        queue.Interrupt((GapReason)random.Next(2, 5), s_at);
                        interruptedBefore[^1] = true;
                        break;
                    default:
                        if (queue.TryRead(out var item, out var gap))
                            Verify(item, gap);
                        break;
                }
            }

            while (queue.TryRead(out var item, out var gap))
                Verify(item, gap);
            isStale.ShouldBe(interruptedBefore.Skip(lastRead + 1).Any(i => i), $"seed {seed}");
            queue.Complete(null);
            Check(queue.ReadFinalGap(), interruptedBefore.Count - 1);

            void Verify(QueuedFrame item, Gap? gap)
            {
                if (item.Size == 0)
                {
                    gap.ShouldBeNull($"seed {seed}");
                    isStale = true;
                    return;
                }

                var number = BitConverter.ToInt32(item.Text);
                Check(gap, number);
                lastRead = number;
                isStale = false;
            }

            void Check(Gap? gap, int next)
            {
                var dropped = next - lastRead - 1;
                var isInterrupted = interruptedBefore.Skip(lastRead + 1).Take(dropped + 1).Any(i => i);
                (gap is not null).ShouldBe(isInterrupted || dropped > 0, $"seed {seed}");
                (gap?.Frames ?? 0).ShouldBe(dropped, $"seed {seed}");
                (gap is not null && gap.Reason != GapReason.QueueOverflow).ShouldBe(isInterrupted, $"seed {seed}");
            }
        }
    }

    // The same with a concurrent session and consumer: no buffer is written while it is read, including the one kept for a gap.
    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public async Task Concurrent_writes_and_reads_report_every_loss(OverflowPolicy policy)
    {
        const int Frames = 200_000;
        var queue = Create(8, policy);
        var reading = Task.Run(async () =>
        {
            var next = 0L;
            var interruptions = 0;
            while (await queue.WaitToReadAsync(CancellationToken.None))
            {
                while (queue.TryRead(out var item, out var gap))
                {
                    if (item.Size == 0)
                    {
                        interruptions++;
                        continue;
                    }

                    next += gap?.Frames ?? 0;
                    MemoryMarshal.Cast<byte, long>(item.Text).IndexOfAnyExcept(next).ShouldBe(-1);
                    if (gap is not null && queue.HasLast)
                        MemoryMarshal.Cast<byte, long>(queue.Last.Text).IndexOfAnyExcept(next - (gap.Frames ?? 0) - 1).ShouldBe(-1);
                    next++;
                }
            }

            return (Accounted: next + (queue.ReadFinalGap()?.Frames ?? 0), Interruptions: interruptions);
        });

        var bytes = new byte[64];
        for (long i = 0; i < Frames; i++)
        {
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan()).Fill(i);
            queue.Write(bytes, default, s_at);
            if (i % 1_000 == 0)
                queue.Interrupt(GapReason.ConnectionLost, s_at);
        }

        queue.Interrupt(GapReason.ConnectionLost, s_at);
        queue.Complete(null);
        var read = await reading.WaitAsync(Patience.Limit);
        read.Accounted.ShouldBe(Frames);
        read.Interruptions.ShouldBeGreaterThan(0);
        queue.Depth.ShouldBe(0);
    }

    private static FrameQueue Create(int capacity = 10, OverflowPolicy policy = OverflowPolicy.DropOldest) =>
        new(capacity, 1 << 20, policy);

    // A frame contains its number and is received that many seconds after the start.
    private static void Write(FrameQueue queue, int number) => queue.Write(BitConverter.GetBytes(number), default, s_at.AddSeconds(number));

    private static List<string> Drain(FrameQueue queue)
    {
        var items = new List<string>();
        while (queue.TryRead(out var item, out var gap))
        {
            if (gap is not null)
                items.Add($"gap {gap.Reason} {SecondsOf(gap.From)}-{SecondsOf(gap.To)} frames {gap.Frames}");
            items.Add(item.Event switch
            {
                Interruption interruption => $"interruption {interruption.Reason} {SecondsOf(interruption.At)}",
                Evicted evicted => $"evicted {SecondsOf(evicted.At)}",
                Restored restored => $"restored {SecondsOf(restored.At)}",
                MalformedFrame => "malformed",
                _ => $"{BitConverter.ToInt32(item.Text)}",
            });
        }

        return items;
    }

    private static double? SecondsOf(DateTimeOffset? moment) => (moment - s_at)?.TotalSeconds;
}
