using KisFeed.Client;

namespace KisFeed.Tests.Client;

public sealed class AsyncWaiterTests
{
    private const int Frames = 200_000;

    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_consumer_as_fast_as_the_producer_misses_no_frame_and_no_wakeup(bool inBatches)
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
                }
            }

            return next;
        });

        // Batches of all lengths. If the consumer finishes each batch before the next one, it waits in between.
        for (var (written, length) = (0, 1); written < Frames; length = (length % 7) + 1)
        {
            for (var i = 0; i < length && written < Frames; i++)
                queue.Write(BitConverter.GetBytes(written++), default, s_at);
            pendingWakeups?.Flush();
            if (length == 7)
                await Task.Yield();
        }

        queue.Complete(null);
        (await reading.WaitAsync(Patience.Limit)).ShouldBe(Frames);
    }

    [Fact]
    public void Consumers_that_may_run_here_are_woken_last()
    {
        var pendingWakeups = new PendingWakeups();
        var waiters =
            new[] { new AsyncWaiter(mayRunConsumer: true), new AsyncWaiter(), new AsyncWaiter(mayRunConsumer: true), new AsyncWaiter() };
        foreach (var waiter in waiters.Append(waiters[0]))
            pendingWakeups.Add(waiter);

        pendingWakeups.Take().Select(waiter => waiter.MayRunConsumer).ShouldBe([false, false, true, true]);
        pendingWakeups.Take().ShouldBeEmpty();
        waiters.ShouldAllBe(waiter => !waiter.IsDue);
    }

    [Fact]
    public async Task A_consumer_is_woken_only_after_the_batch()
    {
        var pendingWakeups = new PendingWakeups();
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest, null, pendingWakeups);

        // Not converted to tasks, which would complete only after a pool thread has run.
#pragma warning disable CA2012 // Each is awaited once; before that only its state is read.
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_consumer_that_may_runs_within_the_call_that_wakes_it(bool mayRun)
    {
        var wakeups = new PendingWakeups();
        var waiter = new AsyncWaiter(mayRun);
        var (isHere, isWithin) = (false, false);
        var consuming = ConsumeAsync();
        wakeups.Add(waiter);
        wakeups.Add(waiter);

        isHere = true;
        wakeups.Take().ShouldHaveSingleItem().SetHere();
        isHere = false;

        await consuming.WaitAsync(Patience.Limit);
        if (mayRun)
            isWithin.ShouldBeTrue();
        wakeups.Take().ShouldBeEmpty();

        async Task ConsumeAsync()
        {
            await waiter.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            isWithin = isHere;
        }
    }

    [Fact]
    public async Task A_consumer_is_not_run_by_a_call_that_may_hold_a_lock()
    {
        var gate = new Lock();
        var waiter = new AsyncWaiter(mayRunConsumer: true);
        var isLocked = true;
        var consuming = ConsumeAsync();
        lock (gate)
            waiter.Set();

        await consuming.WaitAsync(Patience.Limit);
        isLocked.ShouldBeFalse();

        async Task ConsumeAsync()
        {
            await waiter.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            isLocked = gate.IsHeldByCurrentThread;
        }
    }

    [Fact]
    public async Task Events_wake_the_consumer_immediately()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest, null, new PendingWakeups());
        var waiting = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Interrupt(GapReason.ConnectionLost, s_at);
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
        queue.TryRead(out _, out _).ShouldBeTrue();
        waiting = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Write(new MalformedFrame { Error = default, Raw = new byte[1], ReceivedAt = s_at });
        (await waiting.WaitAsync(Patience.Limit)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancelled_wait_can_be_repeated()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        for (var i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var waiting = queue.WaitToReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            (await Should.ThrowAsync<OperationCanceledException>(waiting.WaitAsync(Patience.Limit))).CancellationToken
                .ShouldBe(cancellation.Token);
            await Should.ThrowAsync<OperationCanceledException>(queue.WaitToReadAsync(cancellation.Token).AsTask());
        }

        var last = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        queue.Write("a"u8, default, s_at);
        (await last.WaitAsync(Patience.Limit)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_second_wait_cancels_the_first_and_completes()
    {
        var queue = new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest);
        var first = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        var second = queue.WaitToReadAsync(CancellationToken.None).AsTask();
        await Should.ThrowAsync<OperationCanceledException>(first.WaitAsync(Patience.Limit));
        second.IsCompleted.ShouldBeFalse();
        queue.Write("a"u8, default, s_at);
        (await second.WaitAsync(Patience.Limit)).ShouldBeTrue();
    }
}
