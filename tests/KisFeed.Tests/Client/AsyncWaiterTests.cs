using KisFeed.Client;

namespace KisFeed.Tests.Client;

public sealed class AsyncWaiterTests
{
    private const int Frames = 200_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_consumer_that_is_as_fast_as_the_frames_come_misses_none_and_sleeps_through_none(bool inBatches)
    {
        var pendingWakeups = inBatches ? new PendingWakeups() : null;
        var queue = new FrameQueue(Frames, long.MaxValue, OverflowPolicy.DropOldest, null, pendingWakeups);
        var reading = Task.Run(async () =>
        {
            var next = 0;
            while (await queue.WaitToReadAsync(CancellationToken.None))
            {
                while (queue.TryRead(out var item, out var gap))
                {
                    gap.ShouldBeNull();
                    BitConverter.ToInt32(item.Text).ShouldBe(next++);
                    queue.Return(item);
                }
            }

            return next;
        });

        // In batches of all lengths. If the consumer finishes each batch before the next, it waits in between.
        for (var (written, length) = (0, 1); written < Frames; length = (length % 7) + 1)
        {
            for (var i = 0; i < length && written < Frames; i++)
                queue.Write(BitConverter.GetBytes(written++), default, s_at);
            pendingWakeups?.Flush();
            if (length == 7)
                await Task.Yield();
        }

        queue.Complete(null);
        (await reading.WaitAsync(s_patience)).ShouldBe(Frames);
    }

    [Fact]
    public async Task Nobody_is_woken_before_the_batch_is_over()
    {
        var pendingWakeups = new PendingWakeups();
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest, null, pendingWakeups);

        // Not converted to tasks, which would complete only after a pool thread has run.
#pragma warning disable CA2012 // Each is awaited once, and only looked at before.
        var waiting = queue.WaitToReadAsync(CancellationToken.None);
        queue.Write("a"u8, default, s_at);
        queue.Write("b"u8, default, s_at);
        waiting.IsCompleted.ShouldBeFalse();
        pendingWakeups.Flush();
        waiting.IsCompleted.ShouldBeTrue();
        (await waiting).ShouldBeTrue();
        queue.TryRead(out _, out _).ShouldBeTrue();
        queue.TryRead(out _, out _).ShouldBeTrue();
        waiting = queue.WaitToReadAsync(CancellationToken.None);
        pendingWakeups.Flush();
        waiting.IsCompleted.ShouldBeFalse();
        queue.Complete(null);
        waiting.IsCompleted.ShouldBeTrue();
        await waiting;
#pragma warning restore CA2012
        (await queue.WaitToReadAsync(CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_no_frame_wakes_at_once()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest, null, new PendingWakeups());
        var waiting = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        (await waiting.WaitAsync(s_patience)).ShouldBeTrue();
        queue.TryRead(out _, out _).ShouldBeTrue();
        waiting = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Write(new MalformedFrame { Error = default, Raw = new byte[1], ReceivedAt = s_at });
        (await waiting.WaitAsync(s_patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_can_be_begun_anew()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        for (var i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var waiting = queue.WaitToReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            (await Should.ThrowAsync<OperationCanceledException>(waiting.WaitAsync(s_patience))).CancellationToken.ShouldBe(cancellation.Token);
            await Should.ThrowAsync<OperationCanceledException>(queue.WaitToReadAsync(cancellation.Token).AsTask());
        }

        var last = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Write("a"u8, default, s_at);
        (await last.WaitAsync(s_patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_lets_go_of_a_wait_and_begins_another_gets_the_latter()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        var first = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        var second = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        await Should.ThrowAsync<OperationCanceledException>(first.WaitAsync(s_patience));
        second.IsCompleted.ShouldBeFalse();
        queue.Write("a"u8, default, s_at);
        (await second.WaitAsync(s_patience)).ShouldBeTrue();
    }
}
