using System.Net.WebSockets;
using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Upstream comes and goes; consumers stay.</summary>
public sealed class UpstreamTests
{
    private static readonly SimulatorOptions s_afternoon = new() { Rate = 200, StartAt = new TimeOnly(14, 0) };

    [Fact]
    public async Task Connections_outlive_an_upstream_that_is_restarted_and_the_right_data_follow()
    {
        await using var stage = await Stage.OpenAsync();
        await using var kospi = await stage.ConnectAsync();
        await using var kosdaq = await stage.ConnectAsync();
        await kospi.RegisterAsync(Stage.Index, "0001");
        await kosdaq.RegisterAsync(Stage.Index, "1001");
        await kospi.ReceiveFrameAsync();
        await kosdaq.ReceiveFrameAsync();

        await stage.RestartAsync(s_afternoon);

        await ReceiveFromAfternoonAsync(kospi, "0001");
        await ReceiveFromAfternoonAsync(kosdaq, "1001");
        stage.Simulator.Statistics.Registrations.ShouldBe(2);
        stage.Gateway.Status.ConnectionsAccepted.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_asked_for_while_upstream_is_out_of_reach_comes_when_it_is_back()
    {
        await using var stage = await Stage.OpenAsync(isDown: true);
        await using var client = await stage.ConnectAsync();

        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        await stage.Log.EventAsync(74);
        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeFalse();
        await stage.RestartAsync(s_afternoon);

        await ReceiveFromAfternoonAsync(client, "0001");
    }

    [Fact]
    public async Task A_refusal_that_comes_late_closes_the_connection_and_says_why()
    {
        await using var stage = await Stage.OpenAsync(isDown: true);
        await using var client = await stage.ConnectAsync();
        await using var other = await stage.ConnectAsync();
        (await client.RegisterAsync("H0IFCNI0", "boris")).IsSuccess.ShouldBeTrue();
        (await other.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        await stage.RestartAsync(s_afternoon with { HtsId = "anna" });

        (await client.ReceiveAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        client.Socket.CloseStatusDescription.ShouldBe("the service no longer provides H0IFCNI0: OPSP0017");
        await ReceiveFromAfternoonAsync(other, "0001");
        stage.Gateway.Status.RegistrationsLost.ShouldBe(1);
    }

    [Fact]
    public async Task A_KisFeed_client_is_told_of_a_late_refusal_and_keeps_its_connection()
    {
        await using var stage = await Stage.OpenAsync(isDown: true);
        await using var client = await KisFeedClient.ConnectAsync(Stage.ClientOf(stage.Url));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "boris");

        await stage.RestartAsync(s_afternoon with { HtsId = "anna" });

        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(async () => await notices.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync());
        refusal.Code.ShouldBe(BrokerCode.WrongHtsId);
        (await index.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync()).ShouldBeTrue();
        client.Sessions.ShouldHaveSingleItem().Connections.ShouldBe(1);
        await Patience.UntilAsync(() => stage.Gateway.Status.ConsumerRegistrations == 1);
        (await Should.ThrowAsync<SubscribeRefusedException>(() => client.SubscribeAsync(OrderNotice.Feed, "boris"))).Code.ShouldBe(BrokerCode.WrongHtsId);
    }

    [Fact]
    public async Task A_KisFeed_client_that_comes_while_upstream_is_lost_is_told_at_once()
    {
        await using var stage = await Stage.OpenAsync();
        await using var early = await KisFeedClient.ConnectAsync(Stage.ClientOf(stage.Url));
        await using var first = await early.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var records = first.ReadItemsAsync().GetAsyncEnumerator();
        (await records.MoveNextAsync()).ShouldBeTrue();
        await stage.Simulator.DisposeAsync();
        while (records.Current.Event is not Interruption)
            (await records.MoveNextAsync()).ShouldBeTrue();

        await using var late = await KisFeedClient.ConnectAsync(Stage.ClientOf(stage.Url));
        await using var second = await late.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var items = second.ReadItemsAsync().GetAsyncEnumerator();

        (await items.MoveNextAsync()).ShouldBeTrue();
        items.Current.Event.ShouldBeOfType<Interruption>().Reason.ShouldBe(GapReason.ConnectionLost);
    }

    [Fact]
    public async Task Clients_learn_where_the_data_come_from_over_gateways_in_a_row()
    {
        await using var stage = await Stage.OpenAsync();
        await using var second = await GatewayServer.StartAsync(new GatewayOptions { Upstream = Stage.ClientOf(stage.Url) });
        await using var client = await KisFeedClient.ConnectAsync(Stage.ClientOf(second.WebSocketUrl));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        await Patience.UntilAsync(() => client.Sessions.Single().Source == DataSource.Simulation);
        using var web = new HttpClient();
        (await web.GetStringAsync(new Uri(second.RestUrl, "/v1/status"))).ShouldContain("\"source\": \"simulation\"");
        (await web.GetStringAsync(new Uri(second.RestUrl, "/v1/dashboard"))).ShouldContain("\"source\": \"simulation\"");
    }

    [Fact]
    public async Task An_upstream_that_never_answers_is_waited_for_no_longer_than_is_set()
    {
        var time = new ManualTimeProvider();
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Faults = SimulatorFaults.None with { LoseAck = 1 } }, options => options with { TimeProvider = time, RegisterTimeout = TimeSpan.FromSeconds(3) });
        await using var client = await stage.ConnectAsync();

        var asking = client.RegisterAsync(Stage.Index, "0001");
        await time.TimerDueInAsync(TimeSpan.FromSeconds(3));
        asking.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(3));

        (await asking).IsSuccess.ShouldBeTrue();
        foreach (var key in (string[])["1001", "2001", "2007"])
            (await client.RegisterAsync(Stage.Index, key)).IsSuccess.ShouldBeTrue("it is not waited for each key in turn");
    }

    [Fact]
    public async Task An_upstream_that_is_lost_for_good_ends_every_connection()
    {
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Rate = 200, AppSecret = new string('a', 180) }, upstream: options => options with { AppSecret = new string('a', 180) });
        await using var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");
        await client.ReceiveFrameAsync();
        await using var idle = await stage.ConnectAsync();

        await stage.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        await Should.ThrowAsync<ConnectionLostException>(() => stage.Gateway.Completion.WaitAsync(Patience.Limit));
        while (await client.ReceiveAsync() is not null)
        {
            // What was on its way.
        }

        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        client.Socket.CloseStatusDescription.ShouldBe("the upstream session has ended permanently");
        (await idle.ReceiveAsync()).ShouldBeNull();
        idle.Socket.CloseStatusDescription.ShouldBe("the upstream session has ended permanently");
        await using var next = await stage.ConnectAsync();
        (await next.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_still_waited_for_a_key_is_told_too_that_upstream_is_lost_for_good()
    {
        await using var stage = await Stage.OpenAsync(isDown: true, upstream: options => options with { AppSecret = new string('a', 180) });
        await using var client = await stage.ConnectAsync();
        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        await stage.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        (await client.ReceiveAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        client.Socket.CloseStatusDescription.ShouldBe("the upstream session has ended permanently");
    }

    [Fact]
    public async Task Stopping_closes_every_connection_and_says_so()
    {
        var stage = await Stage.OpenAsync();
        await using var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");

        var stopping = stage.Gateway.StopAsync();
        while (await client.ReceiveAsync() is not null)
        {
            // What was on its way.
        }

        await client.CloseAsync();
        await stopping.WaitAsync(Patience.Limit);
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        client.Socket.CloseStatusDescription.ShouldBe("the gateway stops");
        await stage.Gateway.Completion.WaitAsync(Patience.Limit);
        await stage.DisposeAsync();
        stage.Gateway.Status.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Stopping_waits_for_no_answer_of_an_upstream_that_has_fallen_silent()
    {
        var patient = TimeSpan.FromHours(1); // The simulator would end a connection that answers no heartbeat.
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 200, HeartbeatInterval = patient, HeartbeatTimeout = patient });
        await using var client = await stage.ConnectAsync();
        foreach (var key in new[] { "0001", "1001", "2001", "0002", "0003", "0004" }) // One release after the other would wait for its answer.
            await client.RegisterAsync(Stage.Index, key);
        await client.ReceiveFrameAsync();

        stage.Simulator.Silence().ShouldBe(1);
        await client.CloseAsync();

        await stage.Gateway.StopAsync().WaitAsync(Patience.Limit);
    }

    private static async Task ReceiveFromAfternoonAsync(FeedClient client, string key)
    {
        while (true)
        {
            var fields = (await client.ReceiveFrameAsync()).Split('|')[3].Split('^');
            fields[0].ShouldBe(key);
            if (string.CompareOrdinal(fields[1], "140000") >= 0)
                return;
        }
    }
}
