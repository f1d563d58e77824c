using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Streaming;

public sealed class StreamConsumerTests
{
    [Fact]
    public async Task A_connection_is_not_aborted_after_the_stream_has_released_it()
    {
        using var harness = new DispatcherHarness();
        using var started = new ManualResetEventSlim();
        using var continueReading = new ManualResetEventSlim();
        var isReleased = false;
        var wasReleased = true;
        var account = new Account(null, null, ConsumerLimits.Default, TimeProvider.System);
        var limits = new StreamLimits(10, 1 << 20, StreamOverflow.DropOldest);
        var time = new ManualTimeProvider();
        var consumer = new StreamConsumer(account, null!, harness.Dispatcher, new StreamRequest { IsWebSocket = true }, limits, () =>
        {
            started.Set();
            continueReading.Wait(Patience.Limit);
            wasReleased = Volatile.Read(ref isReleased);
        }, time: time);
        consumer.End("enough", WebSocketCloseStatus.NormalClosure);
        var cutting = Task.Run(() => time.Advance(TimeSpan.FromSeconds(2))); // The connection is not read and therefore aborted.
        started.Wait(Patience.Limit).ShouldBeTrue();

        var ending = Task.Run(() =>
        {
            consumer.Dispose();
            Volatile.Write(ref isReleased, true);
        });
        await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(200)));
        continueReading.Set();
        await ending.WaitAsync(Patience.Limit);
        await cutting.WaitAsync(Patience.Limit);

        wasReleased.ShouldBeFalse();
    }
}
