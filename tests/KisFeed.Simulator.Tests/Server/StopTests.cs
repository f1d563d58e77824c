using System.Net.Sockets;
using System.Net.WebSockets;

namespace KisFeed.Simulator.Tests.Server;

public sealed class StopTests
{
    [Fact]
    public async Task Stopping_closes_every_session_with_a_close_frame()
    {
        var server = await SimulatorServer.StartAsync(new SimulatorOptions { TimeProvider = new ManualTimeProvider() });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        var stopping = server.StopAsync();
        (await client.ReceiveAsync()).ShouldBeNull();
        client.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await client.CloseAsync();
        await stopping.WaitAsync(Patience.Limit);

        server.Statistics.ShouldBe(new SimulatorStatistics(0, 0, 0, 0, 1, 1));
        using var probe = new TcpClient();
        await Should.ThrowAsync<SocketException>(() => probe.ConnectAsync("127.0.0.1", server.Port));
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_clients_that_do_not_read()
    {
        // The market waits for a client that does not read, possibly longer than for heartbeats.
        var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = double.PositiveInfinity, HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var notReading = await RawClient.ConnectAsync(server.WebSocketUrl);
        await notReading.SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(server.RestUrl), "1", "H0UPCNT0", "0001"));
        await using var reader = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await reader.RegisterAsync("H0UPCNT0", "0001");
        await reader.ReceiveFrameAsync();

        await server.DisposeAsync().AsTask().WaitAsync(Patience.Limit);

        server.Statistics.Sessions.ShouldBe(0);
        server.Statistics.Registrations.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_disconnected_and_its_app_key_released()
    {
        using var log = new RecordingLoggerFactory();
        var options =
            new SimulatorOptions { Rate = double.PositiveInfinity, SlowClientLimit = TimeSpan.FromMilliseconds(20), LoggerFactory = log };
        await using var server = await SimulatorServer.StartAsync(options);
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl);
        await using var notReading = await RawClient.ConnectAsync(server.WebSocketUrl);
        await notReading.SendTextAsync(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001"));

        await log.EventAsync("SlowClientCut");
        await log.EventAsync("SessionEnded");

        await using var next = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await next.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_in_use_is_an_error()
    {
        await using var first = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        await Should.ThrowAsync<IOException>(() => SimulatorServer.StartAsync(new SimulatorOptions { Port = first.Port }));
    }

    [Fact]
    public async Task The_addresses_are_those_of_the_server()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Address = "0.0.0.0" });
        server.Port.ShouldBeGreaterThan(0);
        server.RestUrl.ShouldBe(new Uri($"http://127.0.0.1:{server.Port}"));
        server.WebSocketUrl.ShouldBe(new Uri($"ws://127.0.0.1:{server.Port}"));
    }

    [Fact]
    public async Task Invalid_options_are_named()
    {
        (string Name, SimulatorOptions Options)[] cases =
        [
            ("Port", new() { Port = 65536 }),
            ("Rate", new() { Rate = 0 }),
            ("Rate", new() { Rate = double.NaN }),
            ("Speed", new() { Speed = 0 }),
            ("Speed", new() { Speed = double.PositiveInfinity }),
            ("Speed", new() { Speed = 60, Rate = double.PositiveInfinity }),
            ("MaxRegistrations", new() { MaxRegistrations = 0 }),
            ("HeartbeatInterval", new() { HeartbeatInterval = TimeSpan.Zero }),
            ("HeartbeatTimeout", new() { HeartbeatTimeout = TimeSpan.Zero }),
            ("AppKeyInUseEnding", new() { AppKeyInUseEnding = (ConnectionEnding)2 }),
            ("ApprovalInterval", new() { ApprovalInterval = TimeSpan.FromSeconds(-1) }),
            ("SlowClientLimit", new() { SlowClientLimit = TimeSpan.Zero }),
            ("Address", new() { Address = "somewhere" }),
            ("Faults", new() { Faults = new SimulatorFaults { GrowColumns = -1 } }),
            ("Faults", new() { Faults = new SimulatorFaults { BadUtf8 = 1.5 } }),
            ("Faults", new() { Faults = new SimulatorFaults { RefuseCount = 2 } }),
            ("Faults", new() { Faults = null! }),
        ];
        foreach (var (name, options) in cases)
            (await Should.ThrowAsync<ArgumentException>(() => SimulatorServer.StartAsync(options))).ParamName.ShouldBe(name);
    }

    [Fact]
    public void Options_do_not_print_the_secret() =>
        new SimulatorOptions { AppSecret = "hidden", AppKey = "hidden", HtsId = "hidden" }.ToString().ShouldNotContain("hidden");
}
