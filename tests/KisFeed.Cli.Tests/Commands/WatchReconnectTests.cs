using System.Text.RegularExpressions;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

/// <summary>Watching a service that disappears, returns, or is replaced by another one.</summary>
public sealed partial class WatchReconnectTests : IDisposable
{
    private const string Samsung = "0|H0STPGM0|001|005930^092237^1^2^3^4^5^6^7^8^9";

    // Slow enough to check all output after each new line.
    private const double Rate = 100;

    private readonly ReservedPort _port = ReservedPort.Take();

    public void Dispose() => _port.Dispose();

    [Fact]
    public async Task A_killed_and_restarted_simulator_causes_one_gap_per_subscription_and_continues_its_day()
    {
        await using var first = ProcessRunner.StartKisFeed("simulate", "--port", $"{_port.Number}", "--rate", "100", "--format", "json");
        await WaitForStartAsync(first);
        await using var watch = RunningCommand.Start(
            Service.VariablesFor($"ws://127.0.0.1:{_port.Number}"), "watch", "index:0001", "program:005930", "notice", "--format", "json");
        await watch.WaitForOutputAsync(output => Records(output).Count == 3);

        await first.SignalAsync("KILL");
        await first.WaitForExitAsync(Patience.Limit);
        await using var second = ProcessRunner.StartKisFeed(
            "simulate", "--port", $"{_port.Number}", "--rate", "100", "--start", "09:30", "--format", "json");
        await WaitForStartAsync(second);
        await watch.WaitForOutputAsync(
            output => Gaps(output).Length == 3 && Records(output[output.LastIndexOf("\"gap\"", StringComparison.Ordinal)..]).Count == 3);
        var run = await watch.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var gaps = Gaps(run.Output);
        gaps.Select(gap => gap.GetProperty("trId").GetString()).ShouldBe(["H0UPCNT0", "H0UNPGM0", "H0IFCNI0"], ignoreOrder: true);
        gaps.ShouldAllBe(gap => gap.GetProperty("reason").GetString() == "connectionLost");
        gaps.ShouldAllBe(gap => gap.GetProperty("from").GetDateTimeOffset() <= gap.GetProperty("to").GetDateTimeOffset());
        run.Lines.Count(line => line.StartsWith("{\"interruption\"", StringComparison.Ordinal)).ShouldBe(3);
        ErrorsOf(run).ShouldBe(["connection lost", "connected again"], run.Error);

        var index = run.Objects.Where(o => o.TryGetProperty("accumulatedVolume", out _)).ToArray();
        index.Select(o => o.GetProperty("accumulatedVolume").GetInt64()).ShouldBeInOrder();
        var after = Array.Find(index, o => string.CompareOrdinal(o.GetProperty("time").GetString(), "093000") >= 0);
        var before = index[Array.IndexOf(index, after) - 1];
        gaps.Single(gap => gap.GetProperty("trId").GetString() == "H0UPCNT0").GetProperty("missedVolume").GetInt64().ShouldBe(
            after.GetProperty("accumulatedVolume").GetInt64()
            - after.GetProperty("volume").GetInt64()
            - before.GetProperty("accumulatedVolume").GetInt64());
        gaps.Single(gap => gap.GetProperty("trId").GetString() == "H0IFCNI0").GetProperty("missedVolume").ValueKind
            .ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_restarted_day_has_no_missed_volume()
    {
        await using var watch = await RestartAsync(
            null, new SimulatorOptions { StartAt = new TimeOnly(9, 30) }, "watch", "index:0001", "--format", "json");
        await watch.Command.WaitForOutputAsync(output => Gaps(output).Length == 1);
        var run = await watch.Command.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        Gaps(run.Output).ShouldHaveSingleItem().GetProperty("missedVolume").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Credentials_that_become_invalid_end_the_command()
    {
        await using var watch = await RestartAsync(
            new SimulatorOptions { AppKey = "SOMEBODYELSESAPPKEY0000000" }, "watch", "index:0001", "index:1001", "--format", "json");
        var run = await watch.Command.EndAsync();

        run.ShouldFail(ExitCode.Refused, "EGW00103");
        run.Error.ShouldNotContain(Service.AppKey);
    }

    [Fact]
    public async Task A_service_that_kicks_a_connection_is_reconnected()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Faults = new SimulatorFaults { KickOnConnect = 1 } });
        await using var watch = RunningCommand.Start(
            Service.VariablesFor(server.WebSocketUrl.ToString()), "watch", "index:0001", "--format", "json", "--count", "2");
        var run = await watch.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.Length.ShouldBe(2);
        // Its loss is not reported by itself if it was over before the first look.
        ErrorsOf(run)[^1].ShouldBe("connected again", run.Error);
    }

    [Fact]
    public async Task Each_dropped_connection_causes_one_gap_and_records_continue()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = Rate });
        await using var watch = RunningCommand.Start(
            Service.VariablesFor(server.WebSocketUrl.ToString()), "watch", "index:0001", "index:1001", "--format", "json");
        await watch.WaitForOutputAsync(
            output => output.Contains("\"0001\"", StringComparison.Ordinal) && output.Contains("\"1001\"", StringComparison.Ordinal));
        server.DropConnections();
        await watch.WaitForOutputAsync(output => Gaps(output).Length == 2);
        var run = await watch.InterruptAsync();

        Gaps(run.Output).Select(gap => gap.GetProperty("key").GetString()).ShouldBe(["0001", "1001"], ignoreOrder: true);
        Gaps(run.Output).ShouldAllBe(gap => gap.GetProperty("missedVolume").GetInt64() >= 0);
    }

    [Fact]
    public async Task Losses_and_recoveries_are_reported_in_text_too()
    {
        RunningCommand watch;
        await using (var first = await Service.StartAsync(_port.Number, rate: Rate))
        {
            watch = RunningCommand.Start(first.Variables, "watch", "index:0001", "index:1001");
            await watch.WaitForOutputAsync(
                output => output.Contains(" 0001 ", StringComparison.Ordinal) && output.Contains(" 1001 ", StringComparison.Ordinal));
        }

        await using var second = await Service.StartAsync(_port.Number, rate: Rate);
        await using var ending = watch;
        await watch.WaitForErrorAsync("connected again");
        await watch.WaitForOutputAsync(
            output => GapLines().Count(output) == 2 && output.TrimEnd().Split('\n')[^1].Contains("vol", StringComparison.Ordinal));
        var run = await watch.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.Where(line => line.StartsWith("***", StringComparison.Ordinal)).ShouldAllBe(line => GapLines().IsMatch(line));
        ErrorsOf(run).ShouldBe(["connection lost", "connected again"], run.Error);
    }

    [Fact]
    public async Task A_late_refusal_of_a_target_is_reported_and_the_others_continue()
    {
        await using var watch = await RestartAsync(
            new SimulatorOptions { HtsId = "SomebodyElse" }, "watch", "notice", "index:0001", "--format", "json");
        await watch.Command.WaitForErrorAsync("kisfeed: notice is no longer watched: H0IFCNI0 was refused: OPSP0017");
        await watch.Command.WaitForOutputAsync(output => Gaps(output).Any(gap => gap.GetProperty("trId").GetString() == "H0UPCNT0"));
        var run = await watch.Command.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        Gaps(run.Output).Single(gap => gap.GetProperty("trId").GetString() == "H0IFCNI0").GetProperty("to").ValueKind
            .ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_refusal_of_the_last_target_ends_the_command()
    {
        await using var watch = await RestartAsync(new SimulatorOptions { HtsId = "SomebodyElse" }, "watch", "notice", "--format", "json");
        var run = await watch.Command.EndAsync();

        run.ShouldFail(ExitCode.Refused, "OPSP0017");
        run.Error.TrimEnd().ShouldEndWith("; no target is left to watch");
    }

    [Fact]
    public async Task Without_reconnecting_a_lost_connection_ends_the_command()
    {
        RunningCommand watch;
        await using (var service = await Service.StartAsync(_port.Number, rate: Rate))
        {
            watch = RunningCommand.Start(service.Variables, "watch", "index:0001", "--format", "json", "--no-reconnect");
            await watch.WaitForOutputAsync(output => output.Contains("H0UPCNT0", StringComparison.Ordinal));
        }

        await using var ending = watch;
        var run = await watch.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost, run.Error);
        run.Error.ShouldStartWith("kisfeed: ws://127.0.0.1:");
        run.Error.TrimEnd().Split('\n').ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_command_may_be_started_before_the_service()
    {
        await using var watch = RunningCommand.Start(
            Service.VariablesFor($"ws://127.0.0.1:{_port.Number}"), "watch", "index:0001", "--format", "json", "--wait", "--count", "3");
        await watch.WaitForErrorAsync("kisfeed: no connection: ");
        await using var service = await Service.StartAsync(_port.Number);
        var run = await watch.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.Length.ShouldBe(3);
        ErrorsOf(run).ShouldBe(["no connection", "connected after"], run.Error);
    }

    [Fact]
    public async Task A_duration_without_any_connection_is_a_failure()
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor($"ws://127.0.0.1:{_port.Number}"), "watch", "index:0001", "--wait", "--duration", "300ms");

        run.ShouldFail(ExitCode.ConnectionLost, "kisfeed: the connection could not be established: ");
    }

    [Fact]
    public async Task An_app_key_in_use_is_retried()
    {
        await using var service = await Service.StartAsync();
        var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = new Uri(service.Url) });
        await using var holding = client;
        await using var held = await client.SubscribeAsync(Feeds.IndexTrade.Feed, "0001");
        await using var watch = RunningCommand.Start(service.Variables, "watch", "index:0001");
        await watch.WaitForErrorAsync("kisfeed: connection lost: the server refused the session: OPSP8996");
        var run = await watch.InterruptAsync();

        run.Error.ShouldMatch(@"; next attempt in \d+ s\n$");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_silent_connection_is_replaced()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Encoding.UTF8.GetBytes(Samsung));
        await using var watch = RunningCommand.Start(
            service.Variables, "watch", "program-krx:005930", "--format", "json", "--watchdog", "300ms");
        await watch.WaitForOutputAsync(output => Gaps(output).Length > 0);
        var run = await watch.InterruptAsync();

        Gaps(run.Output)[0].GetProperty("reason").GetString().ShouldBe("silence");
        run.Error.ShouldStartWith("kisfeed: connection lost: nothing arrived for 0.3 s; ");
    }

    [Theory]
    [InlineData("--wait and --no-reconnect cannot be used together", "--wait", "--no-reconnect")]
    [InlineData("'2' is not a valid duration", "--watchdog", "2")]
    public async Task Invalid_targets_are_reported(string message, params string[] options)
    {
        (await CommandRun.WithVariablesAsync(Service.VariablesFor("ws://127.0.0.1:9"), ["watch", "index:0001", .. options]))
            .ShouldFail(ExitCode.Usage, message);
    }

    private Task<RestartedWatch> RestartAsync(SimulatorOptions second, params string[] arguments) => RestartAsync(second, null, arguments);

    // Watches one simulator until every target has a record, and then replaces it by another one.
    private async Task<RestartedWatch> RestartAsync(SimulatorOptions? second, SimulatorOptions? first, params string[] arguments)
    {
        RunningCommand watch;
        await using (var service = await Service.StartAsync(_port.Number, first, Rate))
        {
            watch = RunningCommand.Start(service.Variables, arguments);
            var targets = arguments.Count(a => a is "notice" || a.Contains(':', StringComparison.Ordinal));
            await watch.WaitForOutputAsync(output => Records(output).Count == targets);
        }

        return new RestartedWatch(watch, await Service.StartAsync(_port.Number, second, Rate));
    }

    private static Task<string> WaitForStartAsync(RunningProcess simulator) => simulator.ReadLineAsync(Patience.Limit);

    // The targets with records. The last line may be incomplete.
    private static HashSet<string> Records(string output) =>
        [.. Objects(output).Where(o => o.TryGetProperty("trId", out _)).Select(o => $"{o.GetProperty("trId")}:{o.GetProperty("key")}")];

    private static JsonElement[] Gaps(string output) =>
        [.. Objects(output).Where(o => o.TryGetProperty("gap", out _)).Select(o => o.GetProperty("gap"))];

    private static IEnumerable<JsonElement> Objects(string output) =>
        output.Split('\n')[..^1].Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    // The reported lines without durations and reasons. The number of failed attempts varies.
    private static string[] ErrorsOf(CommandRun run) =>
        [.. run.Error.TrimEnd().Split('\n').Select(line => ReportedLines().Match(line).Groups["what"].Value)
            .Distinct(StringComparer.Ordinal)
            .Where(what => what != "no connection" || !run.Error.Contains("connection lost", StringComparison.Ordinal))];

    [GeneratedRegex(
        @"^\*\*\* H0UPCNT0 [01]001: data may be missing from \d\d:\d\d:\d\d\.\d{3} to \d\d:\d\d:\d\d\.\d{3} "
            + @"\([\d.]+ s\): the connection was lost(?:; .* missed)?$",
        RegexOptions.Multiline,
        5000)]
    private static partial Regex GapLines();

    [GeneratedRegex("^kisfeed: (?<what>connection lost|no connection|connected again|connected after)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex ReportedLines();

    private sealed record RestartedWatch(RunningCommand Command, Service Service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Command.DisposeAsync();
            await Service.DisposeAsync();
        }
    }
}
