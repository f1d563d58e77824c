using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Streaming;

namespace KisFeed.Gateway.Tests.Web.Streaming;

public sealed class StreamConsumerTests
{
    [Fact]
    public async Task A_connection_is_not_broken_off_any_more_once_the_stream_has_given_it_back()
    {
        using var world = new DispatcherWorld();
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var isGivenBack = false;
        var wasGivenBack = true;
        var account = new Account(null, null, ConsumerLimits.Default, TimeProvider.System);
        var limits = new StreamLimits(10, 1 << 20, StreamOverflow.DropOldest);
        var time = new ManualTimeProvider();
        var consumer = new StreamConsumer(account, null!, world.Dispatcher, new StreamRequest { IsWebSocket = true }, limits, () =>
        {
            begun.Set();
            goOn.Wait(Patience.Limit);
            wasGivenBack = Volatile.Read(ref isGivenBack);
        }, time);
        consumer.End("enough", WebSocketCloseStatus.NormalClosure);
        var cutting = Task.Run(() => time.Advance(TimeSpan.FromSeconds(2))); // Nobody reads it, so its connection is broken off.
        begun.Wait(Patience.Limit).ShouldBeTrue();

        var ending = Task.Run(() =>
        {
            consumer.Dispose();
            Volatile.Write(ref isGivenBack, true);
        });
        await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(200)));
        goOn.Set();
        await ending.WaitAsync(Patience.Limit);
        await cutting.WaitAsync(Patience.Limit);

        wasGivenBack.ShouldBeFalse();
    }
}
