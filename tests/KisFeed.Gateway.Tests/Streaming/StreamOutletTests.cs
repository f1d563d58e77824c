using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Output;

namespace KisFeed.Gateway.Tests.Streaming;

public sealed class StreamOutletTests
{
    [Fact]
    public async Task A_connection_is_not_aborted_after_the_stream_has_released_it()
    {
        using var started = new ManualResetEventSlim();
        using var continueReading = new ManualResetEventSlim();
        var isReleased = false;
        var wasReleased = true;
        var limits = new StreamLimits(10, 1 << 20, StreamOverflow.DropOldest);
        var time = new ManualTimeProvider();
        var outlet = new StreamOutlet(limits, NameStyle.English, new ConsumerCounts(), new StreamCounters(), () =>
        {
            started.Set();
            continueReading.Wait(Patience.Limit);
            wasReleased = Volatile.Read(ref isReleased);
        }, time);
        outlet.End("enough", WebSocketCloseStatus.NormalClosure);
        var cutting = Task.Run(() => time.Advance(TimeSpan.FromSeconds(2))); // The connection is not read and therefore aborted.
        started.Wait(Patience.Limit).ShouldBeTrue();

        var ending = Task.Run(() =>
        {
            outlet.Dispose();
            Volatile.Write(ref isReleased, true);
        });
        await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(200)));
        continueReading.Set();
        await ending.WaitAsync(Patience.Limit);
        await cutting.WaitAsync(Patience.Limit);

        wasReleased.ShouldBeFalse();
    }

    [Fact]
    public void A_stream_whose_queue_is_full_ends_with_the_items_that_wait()
    {
        using var harness = new DispatcherHarness();
        var counts = new ConsumerCounts();
        var limits = new StreamLimits(2, 1 << 20, StreamOverflow.Disconnect);
        using var outlet = new StreamOutlet(limits, NameStyle.English, counts, harness.Dispatcher.Counters, () => { });
        harness.Attach(outlet, null, "0001");
        var other = harness.Open(null, "0001");
        for (var i = 0; i < 3; i++)
            harness.Record("0001");

        outlet.HasEnded.ShouldBeTrue();
        outlet.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        counts.SlowCloses.Value.ShouldBe(1);
        harness.ReadKinds(outlet).ShouldBe(["subscribed", "record", "record", "end"]);
        harness.ReadQueue(other).Count(e => e.IsRecord).ShouldBe(3);
        other.HasEnded.ShouldBeFalse();
        harness.Close(outlet);
    }
}
