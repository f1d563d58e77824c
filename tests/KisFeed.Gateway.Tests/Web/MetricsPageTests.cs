using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Metrics;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Web;

/// <summary><c>/metrics</c> is what Prometheus reads, and tells nobody more than the status does.</summary>
public sealed class MetricsPageTests : IDisposable
{
    private const string HtsId = "anna7788";

    private readonly Household _household = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-metrics-");

    public void Dispose()
    {
        _household.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_line_is_of_the_format_and_counters_rise_with_what_happens()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 50 }, options => options with { Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName } } });
        await using var other = await Stage.OpenAsync();
        var before = await ReadAsync(stage);

        await using var client = await stage.ConnectAsync();
        await client.RegisterAsync(Stage.Index, "0001");
        await client.RegisterAsync("H0IFCNI0", HtsId);
        for (var i = 0; i < 5; i++)
            await client.ReceiveFrameAsync();
        var after = await ReadAsync(stage);

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
        (await ReadAsync(other))["kisfeed_gateway_connections_accepted_total"].ShouldBe(0, "another gateway of the process has numbers of its own");
    }

    [Fact]
    public async Task Of_consumers_only_an_operator_sees_all()
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boss", isOperator: true);
        await using var stage = await Stage.OpenAsync(with: options => options with { TokenFile = _household.TokenFile });
        await using var client = await _household.ConnectAsync(stage, "boss");

        (await stage.GetAsync("/metrics")).Code.ShouldBe("credentialsNeeded");
        var approvalKey = await _household.ApprovalKeyAsync(stage, "anna");
        var mine = await ReadAsync(stage, $"Authorization: Bearer {approvalKey}");
        var all = await ReadAsync(stage, WebClient.Basic(_household["boss"]));

        ConsumersOn(mine).ShouldBe(["""kisfeed_gateway_consumer_connections{kisfeed_consumer="anna"}"""]);
        ConsumersOn(all).ShouldBe(["""kisfeed_gateway_consumer_connections{kisfeed_consumer="anna"}""", """kisfeed_gateway_consumer_connections{kisfeed_consumer="boss"}"""], ignoreOrder: true);
    }

    [Fact]
    public void Names_and_labels_are_as_the_format_wants_them()
    {
        var text = new PrometheusText();
        text.AddCounter("kisfeed.frame.bytes", "By", "Bytes: \\ and\na new line.", 1.5, [KeyValuePair.Create("a-b", (object?)"q\"u\\o\nte"), KeyValuePair.Create("b", (object?)null)]);
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

    private static IEnumerable<string> ConsumersOn(PrometheusPage page) => page.Series.Where(series => series.StartsWith("kisfeed_gateway_consumer_connections", StringComparison.Ordinal));

    private static async Task<PrometheusPage> ReadAsync(Stage stage, params string[] headers)
    {
        var reply = await stage.GetAsync("/metrics", headers);
        reply.Status.ShouldBe(200);
        reply.Headers["Content-Type"].ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        return PrometheusPage.Parse(reply.Body);
    }
}
