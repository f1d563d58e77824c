using System.Runtime.InteropServices;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Each kind of subscription reports the volume missed in a gap.</summary>
public sealed class MissedVolumeStreamTests
{
    [Fact]
    public async Task Items_report_the_missed_volume()
    {
        await using var context = await TestContext.StartAsync();
        await using var slow = await context.Client.SubscribeAsync(IndexTrade.Feed, "0001");
        await context.SendFirstAsync();
        (await TakeAsync(slow.ReadItemsAsync(), 1))[0].Record.AccumulatedVolume.ShouldBe(0);
        await context.SendRestAsync();
        Check((await TakeAsync(slow.ReadItemsAsync(), 1))[0].Event);
    }

    [Fact]
    public async Task Callbacks_receive_the_missed_volume()
    {
        await using var context = await TestContext.StartAsync();
        using var mayContinue = new ManualResetEventSlim();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reported = new TaskCompletionSource<FeedEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = await context.Client.SubscribeAsync(
            IndexTrade.Feed,
            "0001",
            (in IndexTrade _) =>
            {
                first.TrySetResult();
                mayContinue.Wait();
            },
            feedEvent => reported.TrySetResult(feedEvent));
        await context.SendFirstAsync();
        await first.Task.WaitAsync(Patience.Limit);
        await context.SendRestAsync();
        mayContinue.Set();
        Check(await reported.Task.WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task Frame_readers_receive_the_missed_volume_even_if_they_modify_the_bytes()
    {
        await using var context = await TestContext.StartAsync();
        await using var slow = await context.Client.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
        await context.SendFirstAsync();
        var frame = (await TakeAsync(slow.ReadAllAsync(), 1))[0].Frame;
        MemoryMarshal.AsMemory(frame.Bytes).Span.Fill((byte)'9');
        await context.SendRestAsync();
        Check((await TakeAsync(slow.ReadAllAsync(), 1))[0].Event);
    }

    // Of the totals 0, 10, …, 100 the first and the last two are received; 10 to 80 are missed.
    private static void Check(FeedEvent? feedEvent)
    {
        var gap = feedEvent.ShouldBeOfType<Gap>();
        gap.Frames.ShouldBe(8);
        gap.MissedVolume.ShouldBe(80);
    }

    /// <summary>A server that sends a first frame and then ten more to a queue that holds two.</summary>
    private sealed class TestContext : IAsyncDisposable
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ScriptedServer? _server;
        private KisFeedClient? _client;
        private Subscription<ProgramTrade>? _marker;

        public KisFeedClient Client => _client!;

        public static async Task<TestContext> StartAsync()
        {
            var context = new TestContext();
            context._server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
            {
                await context._first.Task;
                await SendAsync(0);
                await context._rest.Task;
                for (var i = 1; i <= 10; i++)
                    await SendAsync(i * 10);
                await ScriptedServer.SendAsync(socket, "0|H0NXPGM0|001|005930^092237^1^2^3^4^2^2^5^6^1");

                ValueTask SendAsync(int total) => ScriptedServer.SendAsync(socket, $"0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^{total}"
                    + "^1650684^10^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19");
            });
            context._client = await KisFeedClient.ConnectAsync(context._server.Options with { QueueCapacity = 2 });
            return context;
        }

        public async Task SendFirstAsync()
        {
            _marker = await Client.SubscribeAsync(ProgramTrade.Nxt, "005930");
            _first.SetResult();
        }

        /// <summary>Returns once all frames are in the queues.</summary>
        public async Task SendRestAsync()
        {
            _rest.SetResult();
            (await TakeAsync(_marker!.ReadAllAsync(), 1)).Count.ShouldBe(1);
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await _server!.DisposeAsync();
        }
    }
}
