using KisFeed.Capture.Tests;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Commands;

public sealed class ReplayTests : IDisposable
{
    private const int Count = 200;


    private readonly CaptureFolder _folder = new();

    public ReplayTests()
    {
        using var writer = _folder.Write();
        for (var i = 0; i < Count; i++)
            writer.Write("H0UPCNT0", Captured.Index(i), Captured.Opening.AddMilliseconds(i * 100));
        writer.Close();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("10:00", "09:00")]
    [InlineData("2026-11-20T10:00", "2026-11-20T01:00Z")]
    public async Task Contradictory_times_are_refused(string from, string to)
    {
        foreach (var verb in (string[])["replay", "export", "bars", "inspect"])
        {
            var run = await CommandRun.OfAsync(verb, _folder.Path, "--from", from, "--to", to);

            run.ExitCode.ShouldBe(ExitCode.Usage, verb);
            run.Error.ShouldContain("the range is empty", Case.Sensitive, verb);
            run.Output.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("export")]
    [InlineData("bars")]
    [InlineData("inspect")]
    public async Task A_selection_without_data_is_reported(string verb)
    {
        var keys = await CommandRun.OfAsync(verb, _folder.Path, "--key", "0001", "--key", "9999", "--feed", "index");
        var feed = await CommandRun.OfAsync(verb, _folder.Path, "--feed", "bond");

        (keys.ExitCode, feed.ExitCode).ShouldBe((ExitCode.Success, ExitCode.Success), keys.Error + feed.Error);
        keys.Error.ShouldStartWith("kisfeed: no record of key 9999 in the capture");
        keys.Error.ShouldNotContain("0001");
        keys.Error.ShouldNotContain("index");
        feed.Error.ShouldStartWith("kisfeed: no record of bond in the capture");
    }

    [Fact]
    public async Task A_misspelt_option_is_not_treated_as_a_path()
    {
        (await CommandRun.OfAsync("replay", _folder.Path, "--spede", "10")).ShouldFail(ExitCode.Usage, "Unrecognized option '--spede'");
    }

    [Fact]
    public async Task A_client_receives_the_capture_once_and_the_command_ends()
    {
        await using var process = ProcessRunner.StartKisFeed(
            "replay", _folder.Path, "--port", "0", "--format", "json", "--speed", "max", "--wait", "1", "--once", "--from", "09:00:10");
        var line = await process.ReadLineAsync(Patience.Limit);
        using var json = JsonDocument.Parse(line);
        var socket = new Uri(json.RootElement.GetProperty("websocket").GetString()!);
        socket.Port.ShouldBe(json.RootElement.GetProperty("port").GetInt32());
        List<long?> volumes = [];
        await using (var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = Service.AppKey,
            AppSecret = Service.AppSecret,
            WebSocketUrl = socket,
            RestUrl = new Uri(json.RootElement.GetProperty("rest").GetString()!),
            Reconnect = ReconnectPolicy.Never,
        }))
        {
            await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
            await Should.ThrowAsync<ConnectionLostException>(async () =>
            {
                await foreach (var tick in kospi.ReadAllAsync())
                    volumes.Add(tick.AccumulatedVolume);
            });
        }

        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, process.Errors);
        process.Output.TrimEnd().ShouldBe(line);
        volumes.ShouldBe(Enumerable.Range(100, 100).Select(i => (long?)i));
        process.Errors.ShouldNotContain(Service.AppKey);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_a_server(string signal)
    {
        await using var process = ProcessRunner.StartKisFeed("replay", _folder.Path, "--port", "0", "--format", "json");
        await process.ReadLineAsync(Patience.Limit);
        await process.SignalAsync(signal);
        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, process.Errors);
    }

    [Fact]
    public async Task The_guide_has_the_address_and_a_working_example()
    {
        await using var replay = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "replay", _folder.Path, "--port", "0", "--speed", "10", "--loop");
        await replay.WaitForOutputAsync(text => text.Contains("Press Ctrl-C to stop.", StringComparison.Ordinal));
        var lines = replay.Output.Split('\n');
        lines[0].ShouldContain("at 10 times the original speed, in a loop");
        var variables = lines.Where(l => l.StartsWith("  export ", StringComparison.Ordinal))
            .Select(l => l["  export ".Length..].Split('='))
            .ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        var example = lines.Single(l => l.StartsWith("  kisfeed watch ", StringComparison.Ordinal)).Trim().Split(' ')[1..];

        var watch = await CommandRun.UntilAsync(["H0UPCNT0"], variables, example);

        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        (await replay.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success, replay.Error);
    }

    [Fact]
    public async Task A_refused_query_is_reported_with_the_servers_reason()
    {
        await using var replay = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal), "replay", _folder.Path, "--port", "0", "--format", "json");
        await replay.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        var url = JsonSerializer.Deserialize<JsonElement>(replay.Output).GetProperty("websocket").GetString();

        (await CommandRun.OfAsync("watch", "index:0001", "--url", $"{url}/?speed=x"))
            .ShouldFail(ExitCode.ConnectionLost, "refused the connection: the parameter speed cannot be 'x': there are from and to");
    }

    [Fact]
    public async Task Frames_within_the_span_are_written_one_per_line()
    {
        var run = await CommandRun.OfAsync("replay", _folder.Path, "--stdout", "--speed", "max", "--from", "09:00:01", "--to", "09:00:02");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldBe(Enumerable.Range(10, 10).Select(i => Encoding.UTF8.GetString(Captured.Index(i))));
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Frames_that_cannot_be_read_or_written_as_a_line_are_reported_and_the_rest_is_written()
    {
        using var folder = new CaptureFolder();
        using (var writer = folder.Write())
        {
            writer.Write("H0UPCNT0", Captured.Index(1), Captured.At(1));
            writer.Write("H0UPCNT0", "0|H0UPCNT0|001|a\nb"u8, Captured.At(2));
            writer.Write("H0UPCNT0", Captured.Index(3), Captured.At(3));
            writer.Close();
        }

        folder.Put("foreign.log", "nonsense\n"u8.ToArray());
        var run = await CommandRun.OfAsync("replay", folder.Path, "--stdout", "--speed", "max");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Lines.ShouldBe([Encoding.UTF8.GetString(Captured.Index(1)), Encoding.UTF8.GetString(Captured.Index(3))]);
        run.Error.ShouldContain("foreign.log");
        run.Error.ShouldContain("1 frame was left out");
    }

    [Theory]
    [InlineData("neither a file nor a folder", "replay", "/nowhere/at/all")]
    [InlineData("'fast' is not a valid speed", "replay", "x", "--speed", "fast")]
    [InlineData("'9' is not a valid time", "replay", "x", "--from", "9")]
    [InlineData("'0' is not a valid number of registrations", "replay", "x", "--wait", "0")]
    [InlineData("--loop and --once cannot be used together", "replay", "x", "--loop", "--once")]
    [InlineData("--port cannot be used with --stdout", "replay", "x", "--stdout", "--port", "0")]
    [InlineData("--revision cannot be used with --stdout", "replay", "x", "--stdout", "--revision", "2025")]
    [InlineData("'kisfeed replay --help'", "replay")]
    public async Task Invalid_arguments_are_reported_before_anything_is_done(string message, params string[] arguments)
    {
        (await CommandRun.OfAsync(arguments)).ShouldFail(ExitCode.Usage, message);
    }

    [Fact]
    public async Task A_port_in_use_is_reported_with_advice()
    {
        await using var service = await Service.StartAsync();
        (await CommandRun.OfAsync("replay", _folder.Path, "--port", $"{service.Port}"))
            .ShouldFail(ExitCode.Usage, "'--port 0' uses a free port");
    }
}
