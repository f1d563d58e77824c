using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Metrics;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary><c>/metrics</c> conforms to Prometheus and exposes no more than the status.</summary>
public sealed class MetricsPageTests : IDisposable
{
    private const string HtsId = "anna7788";

    private readonly TestConsumers _testConsumers = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-metrics-");

    public void Dispose()
    {
        _testConsumers.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_line_is_valid_and_counters_increase()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 50 }, options => TestGateway.Recording(options, _folder));
        await using var other = await TestGateway.OpenAsync();
        var before = await ReadAsync(testGateway);

        await using var client = await testGateway.ConnectAsync();
        await client.RegisterAsync(TestGateway.Index, "0001");
        await client.RegisterAsync("H0IFCNI0", HtsId);
        for (var i = 0; i < 5; i++)
            await client.ReceiveFrameAsync();
        var after = await ReadAsync(testGateway);

        before["kisfeed_gateway_frames_received_total"].ShouldBe(0);
        after["kisfeed_gateway_frames_received_total"].ShouldBeGreaterThanOrEqualTo(5);
        after["kisfeed_gateway_connections_accepted_total"].ShouldBe(1);
        after["kisfeed_gateway_connections"].ShouldBe(1);
        after["""kisfeed_gateway_keys{kisfeed_state="registered"}"""].ShouldBe(2);
        after["""kisfeed_frame_received_total{kisfeed_feed="H0UPCNT0",kisfeed_session="1"}"""].ShouldBePositive();
        after["""kisfeed_frame_bytes_total{kisfeed_feed="H0UPCNT0",kisfeed_session="1"}"""].ShouldBeGreaterThan(100);
        after["""kisfeed_session_frame_age_seconds{kisfeed_session="1"}"""].ShouldBeGreaterThanOrEqualTo(0);
        after["""kisfeed_session_phase{kisfeed_phase="open",kisfeed_session="1"}"""].ShouldBe(1);
        after["kisfeed_capture_disk_free_bytes"].ShouldBePositive();
        after["kisfeed_capture_disk_size_bytes"].ShouldBeGreaterThanOrEqualTo(after["kisfeed_capture_disk_free_bytes"]);
        after["process_start_time_seconds"].ShouldBeInRange(1.7e9, 9e9);
        after["dotnet_process_memory_working_set_bytes"].ShouldBePositive();
        after["dotnet_gc_heap_total_allocated_bytes_total"].ShouldBeGreaterThan(before["dotnet_gc_heap_total_allocated_bytes_total"]);
        after.Types["kisfeed_gateway_frames_received_total"].ShouldBe("counter");
        after.Types["kisfeed_gateway_connections"].ShouldBe("gauge");
        after.Types.ShouldAllBe(t => t.Key.EndsWith("_total", StringComparison.Ordinal) == (t.Value == "counter"));
        after.Series.ShouldAllBe(series => !series.Contains(HtsId) && !series.Contains("0001"));
        (await ReadAsync(other))["kisfeed_gateway_connections_accepted_total"].ShouldBe(
            0, "another gateway of the process has its own values");
    }

    [Fact]
    public async Task Only_an_operator_sees_all_consumers()
    {
        await _testConsumers.AddAsync("anna");
        await _testConsumers.AddAsync("boss", isOperator: true);
        await using var testGateway = await TestGateway.OpenAsync(consumers: _testConsumers);
        await using var client = await _testConsumers.ConnectAsync(testGateway, "boss");

        (await testGateway.GetAsync("/metrics")).Code.ShouldBe("credentialsNeeded");
        var approvalKey = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");
        var mine = await ReadAsync(testGateway, $"Authorization: Bearer {approvalKey}");
        var all = await ReadAsync(testGateway, _testConsumers.Basic("boss"));

        ConsumersOn(mine).ShouldBe(["""kisfeed_gateway_consumer_connections{kisfeed_consumer="anna"}"""]);
        ConsumersOn(all).ShouldBe(["""kisfeed_gateway_consumer_connections{kisfeed_consumer="anna"}""", """kisfeed_gateway_consumer_"""
            + """connections{kisfeed_consumer="boss"}"""], ignoreOrder: true);
    }

    [Fact]
    public void Names_and_labels_conform_to_the_format()
    {
        var text = new PrometheusText();
        text.AddCounter(
            "kisfeed.frame.bytes", "By", "Bytes: \\ and\na new line.", 1.5,
            [KeyValuePair.Create("a-b", (object?)"q\"u\\o\nte"), KeyValuePair.Create("b", (object?)null)]);
        text.AddGauge("7up", "s", "x", double.PositiveInfinity, []);
        text.AddGauge("7up", "s", "x", 1, []);
        text.AddGauge("nan", null, "x", double.NaN, [KeyValuePair.Create("l", (object?)"1")]);

        text.ToString().ShouldBe(
            """
            # HELP _7up_seconds x
            # TYPE _7up_seconds gauge
            _7up_seconds +Inf
            # HELP kisfeed_frame_bytes_total Bytes: \\ and\na new line.
            # TYPE kisfeed_frame_bytes_total counter
            kisfeed_frame_bytes_total{a_b="q\"u\\o\nte",b=""} 1.5
            # HELP nan x
            # TYPE nan gauge
            nan{l="1"} NaN

            """.ReplaceLineEndings("\n"));
        PrometheusPage.Parse(text.ToString()).Series.Count().ShouldBe(3);
    }

    private static IEnumerable<string> ConsumersOn(PrometheusPage page) =>
        page.Series.Where(series => series.StartsWith("kisfeed_gateway_consumer_connections", StringComparison.Ordinal));

    private static async Task<PrometheusPage> ReadAsync(TestGateway testGateway, params string[] headers)
    {
        var reply = await testGateway.GetAsync("/metrics", headers);
        reply.Status.ShouldBe(200);
        reply.Headers["Content-Type"].ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        return PrometheusPage.Parse(reply.Body);
    }
}
