using System.Collections.Concurrent;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class CallbackTests
{
    [Fact]
    public async Task Records_are_delivered_to_the_callback_in_order()
    {
        await using var server = await StartAsync(rate: 2_000);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var volumes = new ConcurrentQueue<(long? Total, long? Tick)>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in IndexTrade tick) =>
        {
            volumes.Enqueue((tick.AccumulatedVolume, tick.Volume));
            if (volumes.Count == 200)
                enough.TrySetResult();
        });
        await enough.Task.WaitAsync(Patience.Limit);
        await subscription.DisposeAsync();
        await subscription.Completion;
        volumes.Zip(volumes.Skip(1)).ShouldAllBe(p => p.Second.Total == p.First.Total + p.Second.Tick);
    }

    [Fact]
    public async Task An_exception_of_the_callback_is_counted_and_the_next_record_is_delivered()
    {
        await using var server = await StartAsync();
        using var loggers = new RecordingLoggerFactory();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { LoggerFactory = loggers });
        var calls = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in IndexTrade tick) =>
        {
            if (Interlocked.Increment(ref calls) == 5)
                enough.TrySetResult();
            throw new InvalidOperationException("a bug of the consumer");
        });
        await enough.Task.WaitAsync(Patience.Limit);
        subscription.HandlerErrors.ShouldBeGreaterThanOrEqualTo(4);
        client.Completion.IsCompleted.ShouldBeFalse();
        loggers.Lines.ShouldContain(m => m.Contains("a bug of the consumer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callback_may_dispose_its_own_subscription()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CallbackSubscription<IndexTrade>? subscription = null;
        Task? ending = null;
        using var ready = new ManualResetEventSlim();
        subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in IndexTrade tick) =>
        {
            ready.Wait();
            ending = EndAsync();
        });
        ready.Set();
        await ended.Task.WaitAsync(Patience.Limit);
        await subscription.Completion.WaitAsync(Patience.Limit);

        async Task EndAsync()
        {
            await subscription!.DisposeAsync();
            ended.TrySetResult();
        }
    }

    [Fact]
    public async Task A_lost_connection_completes_callback_subscriptions_with_an_error()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in IndexTrade _) => { });
        await server.StopAsync();
        await Should.ThrowAsync<ConnectionLostException>(subscription.Completion.WaitAsync(Patience.Limit));
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task Delivery_does_not_allocate_after_warm_up()
    {
        const int Frames = 20_000;
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            for (var i = 0; i < Frames; i++)
            {
                await ScriptedServer.SendAsync(socket, $"0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^{i}^1650684^439^10335^1.26^2615.72^"
                    + "2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19");
            }
            await ScriptedServer.SendAsync(socket, "0|H0NXPGM0|001|005930^092237^1^2^3^4^2^2^5^6^1");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { QueueCapacity = 50_000 });

        // The first record waits until the last frame is queued. After that the thread only delivers, so its
        // allocations are those of the delivery.
        using var queued = new ManualResetEventSlim();
        var meter = new AllocationMeter(warmUp: 5_000, last: Frames);
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in IndexTrade tick) =>
        {
            queued.Wait();
            meter.Record(tick.Price);
        });
        await using var marker = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");
        (await TakeAsync(marker.ReadAllAsync(), 1)).Count.ShouldBe(1);
        queued.Set();
        await meter.Done.WaitAsync(Patience.Limit);
        meter.Compared.ShouldBe(Frames - 5_000);
        meter.Allocated.ShouldBe(0);
    }

    /// <summary>Sums the allocations between two calls on the same thread.</summary>
    private sealed class AllocationMeter(int warmUp, int last)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;
        private int _thread;
        private long _before;

        public Task Done => _done.Task;

        public int Compared { get; private set; }

        public long Allocated { get; private set; }

        public void Record(decimal? price)
        {
            price.ShouldNotBeNull();
            var thread = Environment.CurrentManagedThreadId;
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (++_calls > warmUp && thread == _thread)
            {
                Compared++;
                Allocated += now - _before;
            }

            _thread = thread;
            if (_calls == last)
                _done.TrySetResult();
            _before = GC.GetAllocatedBytesForCurrentThread();
        }
    }

    [Fact]
    public async Task An_asynchronous_callback_is_called_again_when_its_task_has_completed()
    {
        await using var server = await StartAsync(rate: 2_000);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var volumes = new List<(long? Total, long? Tick)>();
        var running = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", async (tick, _) =>
        {
            Interlocked.Increment(ref running).ShouldBe(1);
            await Task.Yield();
            volumes.Add((tick.AccumulatedVolume, tick.Volume));
            Interlocked.Decrement(ref running);
            if (volumes.Count == 200)
                enough.TrySetResult();
        });
        await enough.Task.WaitAsync(Patience.Limit);
        await subscription.UnsubscribeAsync(TestContext.Current.CancellationToken);
        await subscription.Completion.WaitAsync(Patience.Limit);
        subscription.HandlerErrors.ShouldBe(0);
        volumes.Zip(volumes.Skip(1)).ShouldAllBe(p => p.Second.Total == p.First.Total + p.Second.Tick);
    }

    [Fact]
    public async Task A_slow_asynchronous_callback_gets_a_gap_and_its_errors_are_counted()
    {
        await using var server = await StartAsync(rate: 2_000);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { QueueCapacity = 5 });
        var mayContinue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gap = new TaskCompletionSource<Gap>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var subscription = await client.SubscribeAsync(
            IndexTrade.Feed,
            "0001",
            async (_, _) =>
            {
                await mayContinue.Task;
                throw new InvalidOperationException("a bug of the consumer");
            },
            (feedEvent, _) =>
            {
                if (feedEvent is Gap { Reason: GapReason.QueueOverflow } overflow)
                    gap.TrySetResult(overflow);
                return ValueTask.CompletedTask;
            });
        while (subscription.Dropped == 0)
            await Task.Yield();
        mayContinue.SetResult();
        (await gap.Task.WaitAsync(Patience.Limit)).Frames.ShouldNotBeNull().ShouldBeGreaterThan(0);
        subscription.HandlerErrors.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Disposal_cancels_an_asynchronous_callback_and_does_not_deliver_the_rest()
    {
        await using var server = await StartAsync(rate: 2_000);
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001", async (_, cancellationToken) =>
        {
            calls++;
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        await started.Task.WaitAsync(Patience.Limit);
        while (subscription.QueueDepth < 10)
            await Task.Yield();
        await subscription.DisposeAsync().AsTask().WaitAsync(Patience.Limit);
        await subscription.Completion.WaitAsync(Patience.Limit);
        (calls, subscription.HandlerErrors).ShouldBe((1, 0));
    }
}
