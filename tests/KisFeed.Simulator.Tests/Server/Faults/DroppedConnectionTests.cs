using System.Net.WebSockets;

namespace KisFeed.Simulator.Tests.Server.Faults;

/// <summary>Connections that are dropped, become silent, or are closed before any message.</summary>
public sealed class DroppedConnectionTests
{
    private static readonly SimulatorOptions s_fast = new() { Rate = double.PositiveInfinity, Seed = 7 };
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_connection_is_dropped_without_a_close_frame_after_a_number_of_frames(int count)
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(
            s_fast with { LoggerFactory = log, Faults = new SimulatorFaults { DropAfter = count } });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        await using (var client = await RawClient.ConnectAsync(server.WebSocketUrl))
        {
            await client.SendTextAsync(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001"));
            var frames = await client.ReceiveAllAsync();

            frames.ShouldAllBe(frame => frame.Opcode == RawClient.Text);
            frames.Count(frame => frame.Payload[0] == (byte)'0').ShouldBe(count);
            frames.Count.ShouldBe(count + 1, "the acknowledgement and the data");
        }

        await log.EventAsync("SessionEnded");
        server.Statistics.FramesSent.ShouldBe(count);
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_silent_connection_stays_open_until_the_client_closes_it()
    {
        using var log = new RecordingLoggerFactory();
        await using var server = await SimulatorServer.StartAsync(
            s_fast with { LoggerFactory = log, Faults = new SimulatorFaults { SilentAfter = 20 } });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        var request = FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001");
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.SendTextAsync(request);
        for (var i = 0; i < 21; i++)
            (await client.ReceiveAsync()).ShouldNotBeNull();
        await Patience.UntilAsync(() => server.Sessions.Contains(new SimulatorSession(1, 1, 20, IsSilent: true)));

        await client.SendTextAsync(request);
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "are you there"u8.ToArray()));
        await using (var second = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey))
            (await second.RegisterAsync("H0UPCNT0", "1001")).Code.Value.ShouldBe("OPSP8996", "the dead session holds the app key");
        await client.SendAsync(RawClient.Frame(RawClient.Close, [0x03, 0xE8]));

        (await client.ReceiveAllAsync()).ShouldBeEmpty();
        await log.EventAsync("SessionEnded");
        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_silent_connection_is_not_closed_for_missing_heartbeat_answers()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = time, Rate = 1 / 3600d, HeartbeatInterval = s_hour });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        time.Advance(s_hour);
        (await client.ReceiveAsync()).ShouldNotBeNull("a heartbeat");

        server.Silence().ShouldBe(1);
        time.Advance(TimeSpan.FromDays(1));

        server.Statistics.Sessions.ShouldBe(1);
        await client.SendAsync(RawClient.Frame(RawClient.Close, [0x03, 0xE8]));
        (await client.ReceiveAllAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_market_does_not_wait_for_a_silent_connection()
    {
        var limit = TimeSpan.FromSeconds(10);
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(
            s_fast with { TimeProvider = time, HeartbeatInterval = s_hour, SlowClientLimit = limit });
        await using var notReading = await RawClient.ConnectAsync(server.WebSocketUrl);
        await notReading.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        await time.TimerDueInAsync(limit);
        await using var reader = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await reader.RegisterAsync("H0UPCNT0", "1001");

        server.Silence(session: 1).ShouldBe(1);

        for (var i = 0; i < 500; i++)
            await reader.ReceiveFrameAsync();
        server.Sessions.Select(session => (session.Number, session.IsSilent)).ShouldBe([(1, true), (2, false)]);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_silent_connections()
    {
        var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { SilentAfter = 1 } });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        (await client.ReceiveAsync()).ShouldNotBeNull();

        await server.DisposeAsync().AsTask().WaitAsync(Patience.Limit);

        server.Statistics.Sessions.ShouldBe(0);
        (await client.ReceiveAllAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_connections_are_closed_immediately_and_later_ones_are_served()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = new ManualTimeProvider(), Faults = new SimulatorFaults { KickOnConnect = 2 } });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        for (var i = 0; i < 2; i++)
        {
            await using var closed = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
            (await closed.ReceiveAsync()).ShouldBeNull();
            closed.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
            await closed.CloseAsync();
        }

        await using var served = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);

        (await served.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
        server.Statistics.ConnectionsAccepted.ShouldBe(3);
        server.Sessions.ShouldBe([new SimulatorSession(3, 1, 0, IsSilent: false)]);
    }

    [Fact]
    public async Task A_request_on_a_closed_connection_does_not_claim_the_app_key()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = new ManualTimeProvider(), Faults = new SimulatorFaults { KickOnConnect = 1 } });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        await using var closed = await RawClient.ConnectAsync(server.WebSocketUrl);
        await closed.SendTextAsync(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001"));
        (await closed.ReceiveAllAsync()).Select(frame => frame.Opcode).ShouldBe([RawClient.Close]);

        await using var served = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);

        (await served.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task All_open_connections_or_one_can_be_dropped()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { TimeProvider = new ManualTimeProvider() });
        await using var first = await RawClient.ConnectAsync(server.WebSocketUrl);
        await first.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        await using var second = await RawClient.ConnectAsync(server.WebSocketUrl);
        await second.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");

        server.DropConnections(session: 3).ShouldBe(0);
        server.DropConnections(session: 2).ShouldBe(1);
        (await second.ReceiveAllAsync()).ShouldBeEmpty();
        await first.SendAsync(RawClient.Frame(RawClient.Ping, "are you there"u8.ToArray()));
        (await first.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
        server.DropConnections().ShouldBeGreaterThanOrEqualTo(1);
        (await first.ReceiveAllAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Faults_set_at_runtime_apply_from_then_on()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast);
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0UPCNT0", "0001");
        for (var i = 0; i < 100; i++)
            (await client.ReceiveAsync()).ShouldNotBeNull();

        server.SetFaults(new SimulatorFaults { DropAfter = 10 });

        (await client.ReceiveAllAsync()).Count.ShouldBeGreaterThanOrEqualTo(10);
        server.Faults.ShouldBe(new SimulatorFaults { DropAfter = 10 });
        server.SetFaults(SimulatorFaults.None);
        Should.Throw<ArgumentException>(() => server.SetFaults(new SimulatorFaults { DropAfter = 0 })).Message
            .ShouldContain("drop-after=0");
        server.Faults.ShouldBe(SimulatorFaults.None);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_app_key_is_held_only_after_an_unclean_end(bool isClean)
    {
        using var log = new RecordingLoggerFactory();
        var time = new ManualTimeProvider();
        var hold = TimeSpan.FromMinutes(1);
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = time, LoggerFactory = log, Faults = new SimulatorFaults { HoldAppKey = hold } });
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        await using var first = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        await first.RegisterAsync("H0UPCNT0", "0001");

        if (isClean)
            await first.CloseAsync();
        else
            first.Socket.Abort();
        await log.EventAsync("SessionEnded");

        time.Advance(hold - TimeSpan.FromTicks(1));
        await using var early = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await early.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe(isClean ? "OPSP0000" : "OPSP8996");
        if (isClean)
            return;
        time.Advance(TimeSpan.FromTicks(1));
        await using var late = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await late.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0000");
    }
}
