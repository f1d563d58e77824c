using System.Text;
using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>One registration upstream, any number of consumers.</summary>
public sealed class SharingTests
{
    private const int Frames = 50;

    [Fact]
    public async Task Clients_of_every_kind_get_the_same_bytes_of_one_registration()
    {
        await using var stage = await Stage.OpenAsync();
        await using var library = await KisFeedClient.ConnectAsync(Stage.ClientOf(stage.Url));
        await using var subscription = await library.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
        await using var raw = await RawClient.ConnectAsync(stage.Url);
        await raw.RegisterAsync(stage.Gateway.RestUrl, Stage.Index, "0001");
        await using var socket = await stage.ConnectAsync();
        (await socket.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < Frames; i++)
            await socket.ReceiveFrameAsync();
        List<string> raws = [];
        while (raws.LastOrDefault() != socket.Frames[^1])
            raws.Add(Encoding.UTF8.GetString((await raw.ReceiveAsync()).ShouldNotBeNull().Payload));
        var libraries = await ReadUntilAsync(subscription, socket.Frames[^1]);

        raws[^Frames..].ShouldBe(socket.Frames);
        libraries[^Frames..].ShouldBe(socket.Frames);
        stage.Simulator.Statistics.Registrations.ShouldBe(1);
        var status = stage.Gateway.Status;
        status.Registrations.ShouldHaveSingleItem().ShouldBe(new GatewayRegistration(Stage.Index, "0001", 3, IsRegistered: true));
        status.Connections.ShouldBe(3);
        status.ConsumerRegistrations.ShouldBe(3);
    }

    [Fact]
    public async Task A_session_gets_what_it_is_registered_for_and_nothing_else()
    {
        await using var stage = await Stage.OpenAsync();
        await using var one = await stage.ConnectAsync();
        await using var other = await stage.ConnectAsync();
        await one.RegisterAsync(Stage.Index, "0001");
        await other.RegisterAsync(Stage.Index, "1001");

        for (var i = 0; i < Frames; i++)
        {
            KeysOf(await one.ReceiveFrameAsync()).ShouldAllBe(key => key == "0001");
            KeysOf(await other.ReceiveFrameAsync()).ShouldAllBe(key => key == "1001");
        }
    }

    [Fact]
    public async Task Five_hundred_consumers_are_one_registration_upstream_which_goes_once_when_all_have_left()
    {
        const int Consumers = 500;
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(31);
        await using var stage = await Stage.OpenAsync(with: options => options with { TimeProvider = time, ReleaseGrace = grace });
        var consumers = new List<FeedClient>();
        try
        {
            for (var i = 0; i < Consumers; i++)
            {
                consumers.Add(await stage.ConnectAsync());
                (await consumers[i].RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
            }

            foreach (var consumer in consumers)
                await consumer.ReceiveFrameAsync();
            stage.Simulator.Statistics.Registrations.ShouldBe(1);
            stage.Simulator.Statistics.Sessions.ShouldBe(1);
            stage.Gateway.Status.ConsumerRegistrations.ShouldBe(Consumers);
        }
        finally
        {
            foreach (var consumer in consumers)
                await consumer.DisposeAsync();
        }

        await time.TimerDueInAsync(grace);
        stage.Simulator.Statistics.Registrations.ShouldBe(1);
        time.Advance(grace - TimeSpan.FromTicks(1));
        stage.Count("Released upstream").ShouldBe(0);

        time.Advance(TimeSpan.FromTicks(1));

        await stage.Log.EventAsync(71);
        stage.Simulator.Statistics.Registrations.ShouldBe(0);
        stage.Count("Released upstream").ShouldBe(1);
        stage.Count("Registered upstream: H0UPCNT0").ShouldBe(1);
        stage.Gateway.Status.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_is_kept_for_who_comes_back_and_comes_and_goes_as_often_as_it_is_wanted()
    {
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(31);
        await using var stage = await Stage.OpenAsync(with: options => options with { TimeProvider = time, ReleaseGrace = grace });
        for (var round = 1; round <= 3; round++)
        {
            for (var visit = 0; visit < 2; visit++)
            {
                await using var client = await stage.ConnectAsync();
                await client.RegisterAsync(Stage.Index, "0001");
                await client.ReceiveFrameAsync();
                await client.ReleaseAsync(Stage.Index, "0001");
                await time.TimerDueInAsync(grace);
            }

            stage.Count("Registered upstream: H0UPCNT0").ShouldBe(round);
            time.Advance(grace);
            while (stage.Gateway.Status.Registrations.Count > 0)
                await Task.Delay(1);
            stage.Count("Released upstream").ShouldBe(round);
            stage.Simulator.Statistics.Registrations.ShouldBe(0);
        }
    }

    [Fact]
    public async Task Who_finds_no_place_upstream_is_refused_and_nobody_else_is_hurt()
    {
        await using var stage = await Stage.OpenAsync(upstream: options => options with { MaxRegistrations = 2 });
        await using var holder = await stage.ConnectAsync();
        await holder.RegisterAsync(Stage.Index, "0001");
        await holder.RegisterAsync(Stage.Index, "1001");
        await using var newcomer = await stage.ConnectAsync();

        var refusal = await newcomer.RegisterAsync(Stage.Index, "2001");
        var shared = await newcomer.RegisterAsync(Stage.Index, "0001");

        refusal.Code.ShouldBe(BrokerCode.TooManySubscriptions);
        refusal.TrKey.ShouldBe("2001");
        shared.IsSuccess.ShouldBeTrue();
        await newcomer.ReceiveFrameAsync();
        for (var i = 0; i < Frames; i++)
            await holder.ReceiveFrameAsync();
        stage.Simulator.Statistics.Registrations.ShouldBe(2);
    }

    [Fact]
    public async Task What_the_service_refuses_is_refused_with_its_code()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { HtsId = "anna" });
        await using var client = await stage.ConnectAsync();

        (await client.RegisterAsync("H0IFCNI0", "boris")).Code.ShouldBe(BrokerCode.WrongHtsId);

        (await client.RegisterAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();
        stage.Log.Entries.ShouldNotContain(entry => entry.Level > Microsoft.Extensions.Logging.LogLevel.Debug && entry.Text.Contains("boris", StringComparison.Ordinal));
    }

    private static async Task<List<string>> ReadUntilAsync(FrameSubscription subscription, string last)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        List<string> frames = [];
        await foreach (var item in subscription.ReadAllAsync(patience.Token))
        {
            frames.Add(Encoding.UTF8.GetString(item.Frame.Bytes.Span));
            if (frames[^1] == last)
                break;
        }

        return frames;
    }

    private static IEnumerable<string> KeysOf(string frame)
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out _).ShouldBeTrue();
        var fields = frame[parsed.PayloadOffset..].Split('^');
        var width = fields.Length / parsed.Count;
        return [.. fields.Where((_, i) => i % width == 0)];
    }
}
