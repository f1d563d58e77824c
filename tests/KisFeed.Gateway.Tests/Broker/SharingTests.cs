using System.Text;
using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>One registration upstream for any number of consumers.</summary>
public sealed class SharingTests
{
    private const int Frames = 50;

    [Fact]
    public async Task All_kinds_of_clients_receive_the_same_bytes_of_one_registration()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var library = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        await using var subscription = await library.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
        await using var raw = await RawClient.ConnectAsync(testGateway.Url);
        await raw.RegisterAsync(testGateway.Gateway.RestUrl, TestGateway.Index, "0001");
        await using var socket = await testGateway.ConnectAsync();
        (await socket.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < Frames; i++)
            await socket.ReceiveFrameAsync();
        List<string> raws = [];
        while (raws.LastOrDefault() != socket.Frames[^1])
            raws.Add(Encoding.UTF8.GetString((await raw.ReceiveAsync()).ShouldNotBeNull().Payload));
        var libraries = await ReadUntilAsync(subscription, socket.Frames[^1]);

        raws[^Frames..].ShouldBe(socket.Frames);
        libraries[^Frames..].ShouldBe(socket.Frames);
        testGateway.Simulator.Statistics.Registrations.ShouldBe(1);
        var status = testGateway.Status;
        status.Registrations.ShouldHaveSingleItem().ShouldBe(new GatewayRegistration(TestGateway.Index, "0001", 3, IsRegistered: true));
        status.Totals.Connections.ShouldBe(3);
        status.Totals.ConsumerRegistrations.ShouldBe(3);
    }

    [Fact]
    public async Task A_session_receives_only_its_registrations()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var one = await testGateway.ConnectAsync();
        await using var other = await testGateway.ConnectAsync();
        await one.RegisterAsync(TestGateway.Index, "0001");
        await other.RegisterAsync(TestGateway.Index, "1001");

        for (var i = 0; i < Frames; i++)
        {
            TestFrames.RecordsOf(await one.ReceiveFrameAsync()).ShouldAllBe(record => record.StartsWith("0001^"));
            TestFrames.RecordsOf(await other.ReceiveFrameAsync()).ShouldAllBe(record => record.StartsWith("1001^"));
        }
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Five_hundred_consumers_share_one_registration_upstream_which_is_released_once()
    {
        const int Consumers = 500;
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(31);
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { TimeProvider = time, ReleaseGrace = grace });
        var consumers = new List<FeedClient>();
        try
        {
            for (var i = 0; i < Consumers; i++)
            {
                consumers.Add(await testGateway.ConnectAsync());
                (await consumers[i].RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
            }

            foreach (var consumer in consumers)
                await consumer.ReceiveFrameAsync();
            testGateway.Simulator.Statistics.Registrations.ShouldBe(1);
            testGateway.Simulator.Statistics.Sessions.ShouldBe(1);
            testGateway.Status.Totals.ConsumerRegistrations.ShouldBe(Consumers);
        }
        finally
        {
            foreach (var consumer in consumers)
                await consumer.DisposeAsync();
        }

        await time.TimerDueInAsync(grace);
        testGateway.Simulator.Statistics.Registrations.ShouldBe(1);
        time.Advance(grace - TimeSpan.FromTicks(1));
        testGateway.Count("Released upstream").ShouldBe(0);

        time.Advance(TimeSpan.FromTicks(1));

        await testGateway.Log.EventAsync("ReleasedUpstream");
        testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
        testGateway.Count("Released upstream").ShouldBe(1);
        testGateway.Count("Registered upstream: H0UPCNT0").ShouldBe(1);
        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
    }

    [Fact]
    public async Task A_key_stays_registered_during_the_grace_period_and_can_be_registered_repeatedly()
    {
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(31);
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { TimeProvider = time, ReleaseGrace = grace });
        for (var round = 1; round <= 3; round++)
        {
            for (var visit = 0; visit < 2; visit++)
            {
                await using var client = await testGateway.ConnectAsync();
                await client.RegisterAsync(TestGateway.Index, "0001");
                await client.ReceiveFrameAsync();
                await client.ReleaseAsync(TestGateway.Index, "0001");
                await time.TimerDueInAsync(grace);
            }

            testGateway.Count("Registered upstream: H0UPCNT0").ShouldBe(round);
            time.Advance(grace);
            await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
            testGateway.Count("Released upstream").ShouldBe(round);
            testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_registration_without_a_slot_upstream_is_refused_without_affecting_others()
    {
        await using var testGateway = await TestGateway.OpenAsync(upstream: options => options with { MaxRegistrations = 2 });
        await using var holder = await testGateway.ConnectAsync();
        await holder.RegisterAsync(TestGateway.Index, "0001");
        await holder.RegisterAsync(TestGateway.Index, "1001");
        await using var newConsumer = await testGateway.ConnectAsync();

        var refusal = await newConsumer.RegisterAsync(TestGateway.Index, "2001");
        var shared = await newConsumer.RegisterAsync(TestGateway.Index, "0001");

        refusal.Code.ShouldBe(BrokerCode.TooManySubscriptions);
        refusal.TrKey.ShouldBe("2001");
        shared.IsSuccess.ShouldBeTrue();
        await newConsumer.ReceiveFrameAsync();
        for (var i = 0; i < Frames; i++)
            await holder.ReceiveFrameAsync();
        testGateway.Simulator.Statistics.Registrations.ShouldBe(2);
    }

    [Fact]
    public async Task A_refusal_of_the_service_is_forwarded_with_its_code()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { HtsId = "anna" });
        await using var client = await testGateway.ConnectAsync();

        (await client.RegisterAsync("H0IFCNI0", "boris")).Code.ShouldBe(BrokerCode.WrongHtsId);

        (await client.RegisterAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();
        testGateway.Log.Entries.ShouldNotContain(
            entry => entry.Level > Microsoft.Extensions.Logging.LogLevel.Debug && entry.Text.Contains("boris", StringComparison.Ordinal));
    }

    private static async Task<List<string>> ReadUntilAsync(FrameSubscription subscription, string last)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        List<string> frames = [];
        await foreach (var item in subscription.ReadAllAsync(deadline.Token))
        {
            frames.Add(Encoding.UTF8.GetString(item.Frame.Bytes.Span));
            if (frames[^1] == last)
                break;
        }

        return frames;
    }

}
