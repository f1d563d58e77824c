using KisFeed.Capture;
using KisFeed.Gateway;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

/// <summary><c>watch --from</c> and <c>export --url</c>, which read what a gateway has recorded.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-cli-history-");
    private SimulatorServer? _simulator;
    private GatewayServer? _gateway;

    private GatewayServer Gateway => _gateway!;

    private IReadOnlyDictionary<string, string> Variables => Service.VariablesFor(Gateway.WebSocketUrl.AbsoluteUri);

    public async ValueTask InitializeAsync()
    {
        _simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        _gateway = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = new KisFeedOptions
            {
                AppKey = "PSTESTAPPKEY00000000000000000000000",
                AppSecret = new string('s', 180),
                WebSocketUrl = _simulator.WebSocketUrl,
                RequestInterval = TimeSpan.Zero,
            },
            Keep =
            [
                new GatewayKey(IndexTrade.Feed.Schema, "0001"),
                new GatewayKey(IndexTrade.Feed.Schema, "1001"),
                new GatewayKey(ProgramTrade.Consolidated.Schema, "005930"),
            ],
            Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = Recording, MaxFileBytes = 1 << 16 } },
        });
        await Patience.UntilAsync(() => Gateway.Status.Recording!.Received > 150);
    }

    private string Recording => Path.Combine(_folder.FullName, "capture");

    public async ValueTask DisposeAsync()
    {
        await _gateway!.DisposeAsync();
        await _simulator!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Watch_shows_recorded_records_and_then_live_ones_as_JSON()
    {
        var run = await CommandRun.UntilAsync(["\"live\":"], Variables, "watch", "index:0001", "--from", "-1h", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var live = Array.FindIndex(run.Objects, o => o.TryGetProperty("live", out _));
        run.Objects[0].GetProperty("gap").GetProperty("reason").GetString().ShouldBe("notRecorded");
        live.ShouldBeGreaterThan(10);
        run.Objects[1..live].ShouldAllBe(o => o.GetProperty("key").GetString() == "0001");
        run.Objects[live].GetProperty("live").GetProperty("trId").GetString().ShouldBe("H0UPCNT0");
        var times = run.Objects.Where(o => o.TryGetProperty("receivedAt", out _)).Select(o => o.GetProperty("receivedAt").GetString()!)
            .ToList();
        times.ShouldBe(times.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Watch_shows_where_live_data_begins_in_lines()
    {
        var run = await CommandRun.UntilAsync(["live from here on"], Variables, "watch", "index:0001", "--from", "2026-11-01");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[0].ShouldMatch(@"^\*\*\* H0UPCNT0 0001: data may be missing from .+: no recorder was running$");
        run.Lines.ShouldContain(line => line.StartsWith("*** H0UPCNT0 0001: recorded until ", StringComparison.Ordinal));
        run.Lines.Count(line => line.Contains(" H0UPCNT0 0001 KOSPI", StringComparison.Ordinal)).ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Watch_from_a_service_without_history_says_what_to_do()
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(_simulator!.WebSocketUrl.AbsoluteUri), "watch", "index:0001", "--from", "09:00");

        run.ShouldFail(ExitCode.Usage, "kisfeed gateway --record DIR");
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("9")]
    [InlineData("-15")]
    public async Task Watch_refuses_an_invalid_beginning(string from)
    {
        (await CommandRun.WithVariablesAsync(Variables, "watch", "index:0001", $"--from={from}"))
            .ShouldFail(ExitCode.Usage, $"'{from}' is not valid. Use a time of today in Korea (09:00)");
    }

    [Theory]
    [Trait(TestRun.Length, TestRun.Long)]
    [InlineData("csv", "--feed", "index", "--key", "0001")]
    [InlineData("jsonl", "--feed", "index", "--key", "0001", "--key", "1001", "--feed", "program", "--key", "005930")]
    [InlineData("jsonl", "--feed", "index", "--key", "1001", "--by", "receipt", "--from", "2026-11-01", "--names", "kis")]
    [InlineData("csv", "--feed", "index", "--key", "0001", "--from", "09:00:01", "--to", "09:00:04")]
    public async Task An_export_from_a_gateway_is_the_export_of_its_capture(string format, params string[] selection)
    {
        await Patience.UntilAsync(() => Gateway.Status.Recording!.Received > 450);
        string[] options = [.. selection, "--format", format];
        _simulator!.DropConnections();
        await _simulator.DisposeAsync();
        await Patience.UntilAsync(() => Gateway.Status.Upstream.All(session => session.Phase != SessionPhase.Open));

        // Nothing more is received: both see the same recording.
        var remote = await CommandRun.WithVariablesAsync(Variables, ["export", "--url", Gateway.RestUrl.AbsoluteUri, .. options]);
        var local = await CommandRun.OfAsync(["export", Recording, .. options]);

        remote.ExitCode.ShouldBe(ExitCode.Success, remote.Error);
        local.ExitCode.ShouldBe(ExitCode.Success, local.Error);
        remote.Output.ShouldBe(local.Output);
        local.Output.Split('\n').Length.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task An_export_needs_captures_or_a_gateway_with_a_feed_and_a_key()
    {
        (await CommandRun.OfAsync("export")).Error.ShouldContain("--url");
        (await CommandRun.OfAsync("export", "--url", "http://127.0.0.1:9", "--feed", "index")).Error
            .ShouldContain("--url needs --feed and --key");
        (await CommandRun.OfAsync("export", "capture", "--url", "http://127.0.0.1:9", "--feed", "index", "--key", "0001")).Error
            .ShouldContain("leave out FILE|DIR");
        (await CommandRun.OfAsync("export", "--url", "nowhere", "--feed", "index", "--key", "0001")).Error
            .ShouldContain("is not an address that begins with http:// or https://");
    }

    [Fact]
    public async Task An_export_from_a_service_without_a_recording_fails()
    {
        var unreachable = await CommandRun.OfAsync("export", "--url", "http://127.0.0.1:9", "--feed", "index", "--key", "0001");
        var simulator = await CommandRun.OfAsync("export", "--url", _simulator!.RestUrl.AbsoluteUri, "--feed", "index", "--key", "0001");

        unreachable.ShouldFail(ExitCode.ConnectionLost, "http://127.0.0.1:9/ cannot be read from");
        simulator.ShouldFail(ExitCode.Usage, "is not a gateway with a recording: it answered with HTTP 404");
    }
}
