using System.Net.WebSockets;
using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Consumers while upstream is lost, unreachable or ended.</summary>
public sealed class UpstreamTests
{
    private static readonly SimulatorOptions s_afternoon = new() { Rate = 200, StartAt = new TimeOnly(14, 0) };

    private static readonly (WebSocketCloseStatus? Status, string? Reason) s_upstreamEnded =
        (WebSocketCloseStatus.EndpointUnavailable, "the upstream session has ended permanently");

    [Fact]
    public async Task Connections_survive_a_restart_of_upstream_and_receive_the_right_data()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var kospi = await testGateway.ConnectAsync();
        await using var kosdaq = await testGateway.ConnectAsync();
        await kospi.RegisterAsync(TestGateway.Index, "0001");
        await kosdaq.RegisterAsync(TestGateway.Index, "1001");
        await kospi.ReceiveFrameAsync();
        await kosdaq.ReceiveFrameAsync();

        await testGateway.RestartAsync(s_afternoon);

        await ReceiveFromAfternoonAsync(kospi, "0001");
        await ReceiveFromAfternoonAsync(kosdaq, "1001");
        testGateway.Simulator.Statistics.Registrations.ShouldBe(2);
        testGateway.Status.Totals.ConnectionsAccepted.ShouldBe(2);
    }

    [Fact]
    public async Task Keys_registered_while_upstream_is_unreachable_deliver_data_once_it_is_back()
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var client = await testGateway.ConnectAsync();

        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        await testGateway.Log.EventAsync("UpstreamUnreachable");
        testGateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeFalse();
        await testGateway.RestartAsync(s_afternoon);

        await ReceiveFromAfternoonAsync(client, "0001");
    }

    [Fact]
    public async Task A_late_refusal_closes_the_connection_with_a_reason()
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var client = await testGateway.ConnectAsync();
        await using var other = await testGateway.ConnectAsync();
        (await client.RegisterAsync("H0IFCNI0", "boris")).IsSuccess.ShouldBeTrue();
        (await other.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        await testGateway.RestartAsync(s_afternoon with { HtsId = "anna" });

        (await client.ReceiveAsync()).ShouldBeNull();
        (client.Socket.CloseStatus, client.Socket.CloseStatusDescription)
            .ShouldBe((WebSocketCloseStatus.PolicyViolation, "the service no longer provides H0IFCNI0: OPSP0017"));
        await ReceiveFromAfternoonAsync(other, "0001");
        testGateway.Status.Totals.RegistrationsLost.ShouldBe(1);
    }

    [Fact]
    public async Task A_KisFeed_client_receives_a_late_refusal_and_keeps_its_connection()
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, "boris");

        await testGateway.RestartAsync(s_afternoon with { HtsId = "anna" });

        var refusal = await Should.ThrowAsync<SubscribeRefusedException>(
            async () => await notices.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync());
        refusal.Code.ShouldBe(BrokerCode.WrongHtsId);
        (await index.ReadAllAsync().GetAsyncEnumerator().MoveNextAsync()).ShouldBeTrue();
        client.Sessions.ShouldHaveSingleItem().Connections.ShouldBe(1);
        await Patience.UntilAsync(() => testGateway.Status.Totals.ConsumerRegistrations == 1);
        (await Should.ThrowAsync<SubscribeRefusedException>(() => client.SubscribeAsync(OrderNotice.Feed, "boris"))).Code
            .ShouldBe(BrokerCode.WrongHtsId);
    }

    [Fact]
    public async Task A_KisFeed_client_that_connects_while_upstream_is_lost_receives_an_interruption_immediately()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var early = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        await using var first = await early.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var records = first.ReadItemsAsync().GetAsyncEnumerator();
        (await records.MoveNextAsync()).ShouldBeTrue();
        await testGateway.Simulator.DisposeAsync();
        while (records.Current.Event is not Interruption)
            (await records.MoveNextAsync()).ShouldBeTrue();

        await using var late = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(testGateway.Url));
        await using var second = await late.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var items = second.ReadItemsAsync().GetAsyncEnumerator();

        (await items.MoveNextAsync()).ShouldBeTrue();
        items.Current.Event.ShouldBeOfType<Interruption>().Reason.ShouldBe(GapReason.ConnectionLost);
    }

    [Fact]
    public async Task Clients_learn_the_data_source_through_a_chain_of_gateways()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var second = await GatewayServer.StartAsync(new GatewayOptions { Upstream = TestGateway.ClientOf(testGateway.Url) });
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(second.WebSocketUrl));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        await Patience.UntilAsync(() => client.Sessions.Single().Source == DataSource.Simulation);
        using var web = new HttpClient();
        (await web.GetStringAsync(new Uri(second.RestUrl, "/v1/status"))).ShouldContain("\"source\": \"simulation\"");
        (await web.GetStringAsync(new Uri(second.RestUrl, "/v1/dashboard"))).ShouldContain("\"source\": \"simulation\"");
    }

    [Fact]
    public async Task The_wait_for_an_upstream_that_never_answers_is_limited()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Faults = SimulatorFaults.None with { LoseAck = 1 } },
            options => options with { TimeProvider = time, RegisterTimeout = TimeSpan.FromSeconds(3) });
        await using var client = await testGateway.ConnectAsync();

        var asking = client.RegisterAsync(TestGateway.Index, "0001");
        await time.TimerDueInAsync(TimeSpan.FromSeconds(3));
        asking.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(3));

        (await asking).IsSuccess.ShouldBeTrue();
        foreach (var key in (string[])["1001", "2001", "2007"])
            (await client.RegisterAsync(TestGateway.Index, key)).IsSuccess.ShouldBeTrue("the answers for all keys are awaited together");
    }

    [Fact]
    public async Task A_permanent_failure_of_upstream_closes_every_connection()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, AppSecret = new string('a', 180) },
            upstream: options => options with { AppSecret = new string('a', 180) });
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.ReceiveFrameAsync();
        await using var idle = await testGateway.ConnectAsync();

        await testGateway.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        await Should.ThrowAsync<ConnectionLostException>(() => testGateway.Gateway.Completion.WaitAsync(Patience.Limit));
        (await client.ReceiveCloseAsync()).ShouldBe(s_upstreamEnded);
        (await idle.ReceiveAsync()).ShouldBeNull();
        idle.Socket.CloseStatusDescription.ShouldBe(s_upstreamEnded.Reason);
        await using var next = await testGateway.ConnectAsync();
        (await next.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeFalse();
    }

    [Fact]
    public async Task Pending_registrations_are_refused_when_upstream_fails_permanently()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            isDown: true, upstream: options => options with { AppSecret = new string('a', 180) });
        await using var client = await testGateway.ConnectAsync();
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        await testGateway.RestartAsync(new SimulatorOptions { AppSecret = new string('b', 180) });

        (await client.ReceiveAsync()).ShouldBeNull();
        (client.Socket.CloseStatus, client.Socket.CloseStatusDescription).ShouldBe(s_upstreamEnded);
    }

    [Fact]
    public async Task Stopping_closes_every_connection_with_a_reason()
    {
        var testGateway = await TestGateway.OpenAsync();
        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");

        var stopping = testGateway.Gateway.StopAsync();
        (await client.ReceiveCloseAsync()).ShouldBe((WebSocketCloseStatus.EndpointUnavailable, "the gateway stops"));
        await client.CloseAsync();
        await stopping.WaitAsync(Patience.Limit);
        await testGateway.Gateway.Completion.WaitAsync(Patience.Limit);
        await testGateway.DisposeAsync();
        testGateway.Status.Totals.Connections.ShouldBe(0);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_silent_upstream()
    {
        var patient = TimeSpan.FromHours(1); // The simulator would close a connection that does not answer heartbeats.
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, HeartbeatInterval = patient, HeartbeatTimeout = patient });
        await using var client = await testGateway.ConnectAsync();
        foreach (var key in new[] { "0001", "1001", "2001", "0002", "0003", "0004" }) // Sequential releases would wait for their answers.
            await client.RegisterAsync(TestGateway.Index, key);
        await client.ReceiveFrameAsync();

        testGateway.Simulator.Silence().ShouldBe(1);
        await client.CloseAsync();

        await testGateway.Gateway.StopAsync().WaitAsync(Patience.Limit);
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
