using System.Net;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Edge;

/// <summary>A gateway that reads from a cluster serves every client that a gateway with a session serves.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class EdgeTests(EdgeNode node) : IClassFixture<EdgeNode>
{
    [Fact]
    public async Task A_client_in_another_language_is_served_according_to_the_protocol()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500, MaxRegistrations = 200 });
        await using var edge = await EdgeGateway.OpenAsync(
            simulator.WebSocketUrl, node.NewCluster(), options => options with { HeartbeatInterval = TimeSpan.FromSeconds(2) });

        await InteropClient.RunAsync(
            edge.Gateway.Port, () => string.Join('\n', edge.Log.Entries), "--gateway", "--lenient", "--without-notices");
    }

    [Fact]
    public async Task Every_kind_of_client_stays_connected()
    {
        await using var simulator = await SimulatorServer.StartAsync(ClientCompatibilityTests.Strict);
        await using var edge = await EdgeGateway.OpenAsync(
            simulator.WebSocketUrl, node.NewCluster(), options => options with { HeartbeatInterval = ClientCompatibilityTests.Interval });
        string[] clients = [.. ClientCompatibilityTests.Good, .. ClientCompatibilityTests.Careless];

        var ended = await InteropClient.RunShapesAsync(edge.Gateway.Port, [.. clients, "feed=H0IFCNI9:anna"]);

        clients.ShouldAllBe(client => ended[client] == "stayed", ClientCompatibilityTests.FailuresOf(ended));
        ended["feed=H0IFCNI9:anna"].ShouldBe("refused OPSP8991");
        foreach (var answer in (string[])["text", "pong", "none"])
            await InteropClient.RunNodeAsync(edge.Gateway.Port, answer);
        await ClientCompatibilityTests.StayConnectedAsync(edge.Gateway.RestUrl, edge.Gateway.WebSocketUrl, 20, answers: false);
    }

    [Fact]
    public async Task A_stream_has_the_same_items_as_that_of_the_gateway_whose_session_is_cut()
    {
        await using var ingest = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 50 });
        await using var edge = await EdgeGateway.OpenAsync(ingest.Url, node.NewCluster());
        await using var there = await SseClient.OpenAsync(ingest.Gateway, "subscribe=index:0001");
        await using var here = await SseClient.OpenAsync(edge.Gateway, "subscribe=index:0001");
        var (expected, actual) = (new List<string>(), new List<string>());
        await ReadAsync(there, expected, 30);
        await ReadAsync(here, actual, 10);
        await ingest.RestartAsync(new SimulatorOptions { Rate = 50, Seed = 4711 });
        await ReadAsync(there, expected, 60);
        await ReadAsync(here, actual, 60);

        var common = expected.IndexOf(actual[0]);
        common.ShouldBeGreaterThanOrEqualTo(0);
        var count = Math.Min(expected.Count - common, actual.Count);
        actual.Take(count).ShouldBe(expected.Skip(common).Take(count));
        actual.Take(count).Count(item => item.StartsWith("gap", StringComparison.Ordinal)).ShouldBe(1);
        actual.Take(count).Count(item => item.StartsWith("interruption", StringComparison.Ordinal)).ShouldBe(1);

        // Under the names that a gateway with a session uses, so that the same alerts serve both.
        using var http = new HttpClient { BaseAddress = edge.Gateway.RestUrl };
        var metrics = PrometheusPage.Parse(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative)));
        metrics["kisfeed_session_phase{kisfeed_phase=\"open\",kisfeed_session=\"cluster\"}"].ShouldBe(1);
        metrics["kisfeed_registration_confirmed{kisfeed_session=\"cluster\"}"].ShouldBe(1);
        metrics.Series.Where(series => series.StartsWith("kisfeed_gaps_total{kisfeed_feed=\"H0UPCNT0\"", StringComparison.Ordinal))
            .Sum(series => metrics[series])
            .ShouldBe(1);
    }

    [Fact]
    public async Task Simulated_data_are_shown_as_such_and_order_notices_are_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 50 });
        await using var edge = await EdgeGateway.OpenAsync(simulator.WebSocketUrl, node.NewCluster());
        using var http = new HttpClient { BaseAddress = edge.Gateway.RestUrl };
        await using var stream = await SseClient.OpenAsync(edge.Gateway, "subscribe=index:0001,notice:anna");

        var refused = (await stream.UntilAsync("refused")).Json.GetProperty("refused");
        refused.GetProperty("code").GetString().ShouldBe("OPSP8991");
        refused.GetProperty("reason").GetString().ShouldBe("this gateway reads from a cluster, to which order notices are never published: "
            + "connect to the gateway that has the session of the account");
        await stream.UntilAsync("record");
        (await http.GetAsync(new Uri("/v1/stream?subscribe=notice:anna", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await using var client = await FeedClient.ConnectAsync(edge.Gateway.WebSocketUrl);
        (await client.RegisterAsync("H0STCNI0", "anna")).Code.Value.ShouldBe("OPSP8991");
        (await client.RegisterAsync("H0UPCNT0", "0001")).ResultCode.ShouldBe("0");

        var dashboard = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/dashboard", UriKind.Relative))).RootElement;
        dashboard.GetRawText().ShouldContain("\"simulation\"");
        var status = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/status", UriKind.Relative))).RootElement.GetRawText();
        status.ShouldContain("\"cluster\"");
        status.ShouldContain("\"simulation\"");
        (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync(new Uri("/", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_an_edge_receives_is_recorded_and_can_be_read_again()
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-edge-");
        try
        {
            await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 200 });
            await using var edge = await EdgeGateway.OpenAsync(
                simulator.WebSocketUrl, node.NewCluster(), options => options with
                {
                    Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.FullName } },
                });
            await using var live = await SseClient.OpenAsync(edge.Gateway, "subscribe=index:0001");
            var expected = new List<string>();
            await ReadAsync(live, expected, 50);
            await using var past = await SseClient.OpenAsync(edge.Gateway, "subscribe=index:0001&from=-15m");
            var actual = new List<string>();
            await ReadAsync(past, actual, 100);

            // The recorder has each key before the stream.
            actual.SkipWhile(item => item != expected[0]).Take(50).ShouldBe(expected.Take(50));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Times of receipt differ, because each machine has its own.
    private static async Task ReadAsync(SseClient stream, List<string> items, int until)
    {
        while (items.Count < until)
        {
            var item = (await stream.NextAsync()).ShouldNotBeNull();
            switch (item.Kind)
            {
                case "record":
                    items.Add($"record {item.Json.GetProperty("time")} {item.Json.GetProperty("price")} "
                        + $"{item.Json.GetProperty("accumulatedVolume")}");
                    break;
                case "gap":
                    items.Add($"gap {item.Json.GetProperty("gap").GetRawText()}");
                    break;
                case "interruption":
                    items.Add($"interruption {item.Json.GetProperty("interruption").GetProperty("reason")}");
                    break;
            }
        }
    }
}
