using System.Net.WebSockets;
using System.Text;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests;

/// <summary>Clients that behave like published clients stay connected to a simulator and a gateway for at least three heartbeats.</summary>
public sealed class ClientCompatibilityTests
{
    private const int Heartbeats = 3;

    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    // Accepted by the strictest server.
    internal static readonly string[] Good =
    [
        "path=/", "path=/tryitout", "path=/tryitout/", "path=/tryitout/H0UPCNT0", "path=/tryitout/anything-else",
        "path=/tryitout/%ED%95%9C",
        "answer=text", "answer=reserialized", "answer=reordered", "answer=tr_id", "answer=bare", "answer=binary", "answer=pong",
        "answer=reserialized-pong", "answer=ping",
        "request=compact", "request=indented", "request=binary",
        "header=content_type", "header=contentType", "header=none", "personalseckey=1",
        "pings=0.1", "approval=form", "approval=untyped",
        "path=/,answer=ping,request=compact,header=none,personalseckey=1,pings=0.1",
    ];

    internal static readonly string[] Careless = ["answer=none", "pongs=0.1", "numbers=1", "path=/,answer=none,pongs=0.1,numbers=1"];

    [Fact]
    public async Task A_simulator_serves_every_kind_of_client_and_refuses_like_the_broker()
    {
        await using var simulator = await SimulatorServer.StartAsync(Strict);

        var ended = await InteropClient.RunShapesAsync(simulator.Port, [.. Good, .. Careless]);

        Good.ShouldAllBe(client => ended[client] == "stayed", FailuresOf(ended));
        ended["answer=none"].ShouldBe("closed 1000");
        ended["pongs=0.1"].ShouldBe("cut");
        ended["numbers=1"].ShouldBe("refused OPSP8997");
    }

    [Fact]
    public async Task A_lenient_simulator_serveCareless_clients_too()
    {
        await using var simulator = await SimulatorServer.StartAsync(
            Strict with { HeartbeatTimeout = Timeout.InfiniteTimeSpan, AllowUnsolicitedPongs = true, AllowNumbers = true });

        var ended = await InteropClient.RunShapesAsync(simulator.Port, Careless);

        Careless.ShouldAllBe(client => ended[client] == "stayed", FailuresOf(ended));
    }

    [Fact]
    public async Task A_gateway_serves_every_kind_of_client_and_careless_ones_too()
    {
        await using var testGateway = await OpenAsync();
        string[] clients = [.. Good, .. Careless, "feed=H0IFCNI9:anna"];

        var ended = await InteropClient.RunShapesAsync(testGateway.Gateway.Port, clients);

        clients.ShouldAllBe(client => ended[client] == "stayed", FailuresOf(ended));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("pong")]
    public async Task A_Node_client_stays_connected(string answer)
    {
        await using var testGateway = await OpenAsync();

        await InteropClient.RunNodeAsync(testGateway.Simulator.Port, answer);
        await InteropClient.RunNodeAsync(testGateway.Gateway.Port, answer);
    }

    [Fact]
    public async Task A_Node_client_without_heartbeat_answers_stays_connected_to_a_gateway()
    {
        await using var testGateway = await OpenAsync();

        await InteropClient.RunNodeAsync(testGateway.Gateway.Port, "none");
    }

    // The default keep-alive sends a pong every 30 seconds; with a shorter interval many are sent in the time of this test.
    [Theory]
    [InlineData(null)]
    [InlineData(20)]
    public async Task A_ClientWebSocket_stays_connected_to_a_gateway(int? keepAliveMilliseconds)
    {
        await using var testGateway = await OpenAsync();

        await StayConnectedAsync(testGateway.Gateway.RestUrl, testGateway.Gateway.WebSocketUrl, keepAliveMilliseconds, answers: false);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(20)]
    public async Task A_ClientWebSocket_stays_connected_to_a_simulator_that_allows_pongs(int? keepAliveMilliseconds)
    {
        await using var simulator = await SimulatorServer.StartAsync(Strict with { AllowUnsolicitedPongs = true });

        await StayConnectedAsync(simulator.RestUrl, simulator.WebSocketUrl, keepAliveMilliseconds, answers: true);
    }

    internal static SimulatorOptions Strict =>
        new() { Rate = 200, HeartbeatInterval = Interval, HeartbeatTimeout = TimeSpan.FromSeconds(10) };

    private static Task<TestGateway> OpenAsync() => TestGateway.OpenAsync(
        Strict,
        options => options with { HeartbeatInterval = Interval },
        upstream => upstream with { Environment = KisEnvironment.Simulator });

    internal static string FailuresOf(IReadOnlyDictionary<string, string> ended) =>
        string.Join('\n', ended.Where(pair => pair.Value != "stayed").Select(pair => $"{pair.Key}: {pair.Value}"));

    // The root address, with only the requested options.
    internal static async Task StayConnectedAsync(Uri restUrl, Uri webSocketUrl, int? keepAliveMilliseconds, bool answers)
    {
        using var socket = new ClientWebSocket();
        if (keepAliveMilliseconds is { } interval)
            socket.Options.KeepAliveInterval = TimeSpan.FromMilliseconds(interval);
        using var deadline = new CancellationTokenSource(Patience.Limit);
        await socket.ConnectAsync(webSocketUrl, deadline.Token);
        await SendAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(restUrl), "1", "H0UPCNT0", "0001"));
        var buffer = new byte[64 * 1024];
        for (var heartbeats = 0; ;)
        {
            var result = await socket.ReceiveAsync(buffer, deadline.Token);
            result.MessageType.ShouldBe(WebSocketMessageType.Text, socket.CloseStatusDescription);
            var text = Encoding.UTF8.GetString(buffer, 0, result.Count);
            if (text[0] == '0' && heartbeats >= Heartbeats)
                return;
            if (!text.Contains("PINGPONG", StringComparison.Ordinal))
                continue;
            heartbeats++;
            if (answers)
                await SendAsync(text);
        }

        Task SendAsync(string text) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
    }
}
