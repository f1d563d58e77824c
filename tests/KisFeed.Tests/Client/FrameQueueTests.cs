using KisFeed.Client;

namespace KisFeed.Tests.Client;

public sealed class FrameQueueTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Fact]
    public async Task Writes_after_completion_are_ignored()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        queue.Write("a"u8, default, s_at);
        queue.Complete(null);
        queue.Complete(new ConnectionLostException("lost"));
        queue.Write("b"u8, default, s_at);
        queue.TryRead(out var item, out _).ShouldBeTrue();
        item.Text.ToArray().ShouldBe("a"u8.ToArray());
        (await queue.WaitToReadAsync(CancellationToken.None)).ShouldBeFalse();
        queue.ReadFinalGap().ShouldBeNull();
        Should.NotThrow(queue.ThrowIfFailed);
    }

    [Fact]
    public void Reading_a_failed_stream_again_throws_the_same_error()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        queue.Complete(new ConnectionLostException("lost"));
        var first = Should.Throw<ConnectionLostException>(queue.ThrowIfFailed).StackTrace!.Length;
        for (var i = 0; i < 100; i++)
            Should.Throw<ConnectionLostException>(queue.ThrowIfFailed);
        Should.Throw<ConnectionLostException>(queue.ThrowIfFailed).StackTrace!.Length.ShouldBe(first);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest, new[] { 7, 8, 9 }, 0)]
    [InlineData(OverflowPolicy.DropNewest, new[] { 0, 1, 2 }, 3)]
    public void Large_frames_are_dropped_at_the_byte_limit(OverflowPolicy policy, int[] kept, int gapBefore)
    {
        var queue = new FrameQueue(1_000, 32_000, policy);
        for (var i = 0; i < 10; i++)
            queue.Write([(byte)i, .. new byte[9_999]], default, s_at);
        queue.Depth.ShouldBe(3);
        queue.Dropped.ShouldBe(7);
        queue.Received.ShouldBe(10);
        queue.Complete(null);
        for (var i = 0; i < kept.Length; i++)
        {
            queue.TryRead(out var item, out var gap).ShouldBeTrue();
            item.Text[0].ShouldBe((byte)kept[i]);
            gap?.Frames.ShouldBe(7);
            (gap is not null).ShouldBe(i == gapBefore);
        }

        (queue.ReadFinalGap()?.Frames).ShouldBe(gapBefore == 3 ? 7 : null);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void Reading_frees_bytes_for_new_frames(OverflowPolicy policy)
    {
        var queue = new FrameQueue(1_000, 32_000, policy);
        for (var i = 0; i < 100; i++)
        {
            queue.Write(new byte[10_000], default, s_at);
            queue.Write(new MalformedFrame { Error = default, Raw = new byte[10_000], ReceivedAt = s_at });
            queue.TryRead(out _, out var first).ShouldBeTrue();
            queue.TryRead(out _, out var second).ShouldBeTrue();
            first.ShouldBeNull();
            second.ShouldBeNull();
        }

        queue.Dropped.ShouldBe(0);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void A_single_frame_of_any_size_fits(OverflowPolicy policy)
    {
        var queue = new FrameQueue(1_000, 32_000, policy);
        queue.Write(new byte[100_000], default, s_at);
        queue.Depth.ShouldBe(1);
    }

    // For any sequence of writes and reads, the frames read and the frames reported as missing add up to the frames written.
    [Theory]
    [InlineData(OverflowPolicy.DropOldest)]
    [InlineData(OverflowPolicy.DropNewest)]
    public void Dropped_frames_are_reported_where_they_are_missing(OverflowPolicy policy)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var capacity = random.Next(1, random.Next(2) == 0 ? 8 : 100);
            var (queue, longest) = (new FrameQueue(capacity, 5_000, policy), random.Next(1, 2_500));
            var written = 0;
            var next = 0L;
            for (var step = 0; step < 400; step++)
            {
                if (random.Next(5) < 3)
                    queue.Write([.. BitConverter.GetBytes(written++), .. new byte[random.Next(longest)]], default, s_at);
                else if (queue.TryRead(out var item, out var gap))
                    Verify(item, gap);
                queue.Depth.ShouldBeLessThanOrEqualTo(capacity, $"seed {seed}");
            }

            queue.Complete(null);
            while (queue.TryRead(out var item, out var gap))
                Verify(item, gap);
            next += queue.ReadFinalGap()?.Frames ?? 0;
            next.ShouldBe(written, $"seed {seed}");
            queue.Received.ShouldBe(written, $"seed {seed}");

            void Verify(QueuedFrame item, Gap? gap)
            {
                next += gap?.Frames ?? 0;
                ((long)BitConverter.ToInt32(item.Text)).ShouldBe(next++, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void An_interruption_is_reported_before_the_next_frame()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        queue.Write("a"u8, default, s_at);
        queue.Interrupt(GapReason.Renewed);
        queue.Write("b"u8, default, s_at.AddSeconds(5));
        queue.Write("c"u8, default, s_at.AddSeconds(6));
        queue.TryRead(out _, out var gap).ShouldBeTrue();
        gap.ShouldBeNull();
        queue.TryRead(out _, out gap).ShouldBeTrue();
        gap.ShouldBe(new Gap { Reason = GapReason.Renewed, From = s_at, To = s_at.AddSeconds(5) });
        queue.TryRead(out _, out gap).ShouldBeTrue();
        gap.ShouldBeNull();
    }

    [Fact]
    public void An_interruption_without_a_following_frame_is_reported_at_the_end()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        queue.Interrupt(GapReason.Renewed);
        queue.Complete(null);
        queue.ReadFinalGap().ShouldBe(new Gap { Reason = GapReason.Renewed });
        queue.ReadFinalGap().ShouldBeNull();
    }
}
