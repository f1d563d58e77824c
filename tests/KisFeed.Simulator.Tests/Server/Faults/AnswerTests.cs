using System.Net.WebSockets;
using System.Text.Json;

namespace KisFeed.Simulator.Tests.Server.Faults;

/// <summary>Answers that are late, duplicated, reordered or missing, and simulated refusals.</summary>
public sealed class AnswerTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();

    private SimulatorOptions Quiet => new() { TimeProvider = _time, Rate = 1 / 3600d, HeartbeatInterval = s_hour };

    [Fact]
    public async Task Acknowledgements_are_duplicated_and_refusals_are_not()
    {
        await using var server = await StartAsync("duplicate-ack");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0IFCNI0", "anna"));
        var acknowledgement = await client.ReceiveControlAsync();
        (await client.ReceiveControlAsync()).ShouldBe(acknowledgement);
        (await client.RegisterAsync("H0IFCNI0", "anna")).Code.Value.ShouldBe("OPSP0002");
        (await client.ReleaseAsync("H0IFCNI0", "anna")).Code.Value.ShouldBe("OPSP0001");
        FeedClient.Parse(await client.ReceiveControlAsync()).Code.Value.ShouldBe("OPSP0001");
    }

    [Fact]
    public async Task A_lost_acknowledgement_keeps_its_registration()
    {
        await using var server = await StartAsync("lose-ack=1");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));

        (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0002");

        server.Statistics.Registrations.ShouldBe(1);
    }

    [Fact]
    public async Task Answers_are_delayed_and_heartbeats_are_not()
    {
        var interval = TimeSpan.FromSeconds(1.5);
        await using var server = await SimulatorServer.StartAsync(
            Quiet with { HeartbeatInterval = interval, Faults = SimulatorFaults.Parse("slow-ack=2s") });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));
        await _time.TimerDueInAsync(TimeSpan.FromSeconds(2));
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "1001"));

        _time.Advance(interval);
        var heartbeat = await client.ReceiveControlAsync();
        heartbeat.ShouldContain("PINGPONG");
        await client.SendAsync(heartbeat);
        await _time.TimerDueInAsync(interval);
        server.Statistics.Registrations.ShouldBe(0, "a request that is not acknowledged is not executed");
        _time.Advance(TimeSpan.FromSeconds(0.5));

        var first = await client.ReceiveControlAsync();
        first.ShouldContain("\"0001\"");
        FeedClient.Parse(first).IsSuccess.ShouldBeTrue();

        // When the echo of the heartbeat arrives, the second request has arrived too, before or after the clock was advanced.
        _time.Advance(TimeSpan.FromSeconds(2));
        string second;
        do
            second = await client.ReceiveControlAsync();
        while (second.Contains("PINGPONG", StringComparison.Ordinal));
        second.ShouldContain("\"1001\"");
    }

    [Fact]
    public async Task Data_follow_a_late_acknowledgement_and_other_data_are_not_delayed()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = _time, HeartbeatInterval = s_hour, Rate = double.PositiveInfinity });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0NXPGM0", "005930");
        server.SetFaults(SimulatorFaults.Parse("slow-ack=2s"));
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0NXPGM0", "000660"));
        await _time.TimerDueInAsync(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 100; i++)
            (await client.ReceiveFrameAsync()).ShouldNotContain("000660");

        _time.Advance(TimeSpan.FromSeconds(2));

        while (await client.ReceiveAsync() is { } text && text[0] != '{')
            text.ShouldNotContain("000660");
        while (!(await client.ReceiveFrameAsync()).Contains("000660", StringComparison.Ordinal))
        {
            // Waits for its first frame.
        }
    }

    [Fact]
    public async Task A_client_that_leaves_before_a_delayed_answer_leaves_no_registration()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(
            Quiet with { LoggerFactory = log, Faults = SimulatorFaults.Parse("slow-ack=2s") });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));
        await _time.TimerDueInAsync(TimeSpan.FromSeconds(2));
        client.Socket.Abort();
        await log.EventAsync("UnauthenticatedEnded"); // The session has not started: the request itself is delayed.

        _time.Advance(TimeSpan.FromSeconds(2));

        server.Statistics.Registrations.ShouldBe(0);
        server.SetFaults(SimulatorFaults.None);
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, client.ApprovalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task The_second_of_two_requests_is_answered_first()
    {
        await using var server = await StartAsync("reorder-ack");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        foreach (var key in (string[])["0001", "1001", "2001", "0002"])
            await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", key));
        foreach (var key in (string[])["1001", "0001", "0002", "2001"])
            (await client.ReceiveControlAsync()).ShouldContain($"\"{key}\"");
    }

    [Fact]
    public async Task A_single_request_is_answered_after_a_short_delay()
    {
        await using var server = await StartAsync("reorder-ack");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));
        await _time.TimerDueInAsync(TimeSpan.FromMilliseconds(200));
        server.Statistics.Registrations.ShouldBe(0);

        _time.Advance(TimeSpan.FromMilliseconds(200));

        FeedClient.Parse(await client.ReceiveControlAsync()).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Requests_for_one_key_are_not_reordered()
    {
        await using var server = await StartAsync("reorder-ack");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "2", "H0UPCNT0", "0001"));
        FeedClient.Parse(await client.ReceiveControlAsync()).Code.Value.ShouldBe("OPSP0000");
        FeedClient.Parse(await client.ReceiveControlAsync()).Code.Value.ShouldBe("OPSP0001");
    }

    [Fact]
    public async Task The_first_registrations_are_refused_and_releases_are_not()
    {
        await using var server = await StartAsync("refuse=OPSP0008:2");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        (await client.AskAsync(FeedClient.Request(client.ApprovalKey, "2", "H0UPCNT0", "0001"))).Code.Value.ShouldBe("OPSP0003");
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UPCNT0", "0001"));
            (await client.ReceiveControlAsync()).ShouldBe(
                """{"header":{"tr_id":"H0UPCNT0","tr_key":"0001","encrypt":"N"}"""
                + ""","body":{"rt_cd":"1","msg_cd":"OPSP0008","msg1":"MAX SUBSCRIBE OVER"}}""");
        }

        (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0000");
    }

    [Theory]
    [InlineData("OPSP0007", true)]
    [InlineData("OPSP8992", true)]
    [InlineData("OPSP0017", false)]
    [InlineData("OPSP9999", false)]
    public async Task Every_registration_is_refused_and_the_session_continues(string code, bool isNamed)
    {
        await using var server = await StartAsync($"refuse={code}");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        for (var i = 0; i < 3; i++)
        {
            var refusal = await client.RegisterAsync("H0UPCNT0", "0001");
            refusal.Code.Value.ShouldBe(code);
            refusal.TrId.ShouldBe(isNamed ? "H0UPCNT0" : null);
        }
    }

    [Theory]
    [InlineData("OPSP8996")]
    [InlineData("OPSP0010")]
    public async Task A_refusal_of_the_session_ends_it(string code)
    {
        await using var server = await StartAsync($"refuse={code}:1");
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe(code);

        await Should.ThrowAsync<WebSocketException>(client.ReceiveAsync);
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, client.ApprovalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refused_approval_key_stays_invalid_and_a_new_one_is_valid()
    {
        await using var server = await StartAsync("refuse=OPSP0011:1");
        var appKey = TestCredentials.NewAppKey();
        await using var client = await FeedClient.ConnectAsync(
            server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));
        (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0011");
        (await client.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0011");

        await using var next = await FeedClient.ConnectAsync(
            server.WebSocketUrl, await RestClient.ApprovalKeyAsync(server.RestUrl, appKey));

        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
        server.Statistics.ApprovalKeysIssued.ShouldBe(2);
    }

    [Fact]
    public async Task The_first_approval_requests_fail()
    {
        await using var server = await StartAsync("approval-fails=2");
        using var rest = new RestClient(server.RestUrl);
        for (var i = 0; i < 2; i++)
        {
            var (status, body) = await rest.ApproveAsync(TestCredentials.NewAppKey());
            status.ShouldBe(500);
            body.GetProperty("error_code").ValueKind.ShouldBe(JsonValueKind.String);
        }

        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(200);
        server.Statistics.ApprovalKeysIssued.ShouldBe(1);
    }

    private Task<SimulatorServer> StartAsync(params string[] faults) =>
        SimulatorServer.StartAsync(Quiet with { Faults = SimulatorFaults.Parse(faults) });
}
