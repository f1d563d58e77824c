using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Tests.Running;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

/// <summary>Recording a service that goes away, comes back, or comes back as another.</summary>
public sealed class RecordReconnectTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_connection_that_is_lost_leaves_a_gap_in_the_file_and_nothing_else()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "index:1001");
        await record.UntilOutputAsync(output => Flushed(output) > 20);
        server.DropConnections();
        await record.UntilErrorAsync("kisfeed: connected again");
        await record.UntilOutputAsync(output => Last(output)?.GetProperty("gaps").GetInt64() == 2);
        var run = await record.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("kisfeed: connection lost: ");
        var recorded = await Recorded.ReadAsync(_folder.Path);
        var gaps = recorded.Events.Where(e => e.Kind == CaptureEventKind.Gap).ToList();
        gaps.Select(gap => gap.Key).ShouldBe(["0001", "1001"], ignoreOrder: true);
        gaps.ShouldAllBe(gap => gap.Reason == GapReason.ConnectionLost && gap.From < gap.To);
        recorded.Items.Where(item => item.Problem is not null).ShouldBeEmpty();
        recorded.Frames.Count().ShouldBe((int)Flushed(run.Output));
        _folder.Files.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_target_that_is_refused_later_is_told_and_the_others_go_on()
    {
        await using var restarted = await RestartAsync("notice", "index:0001", "--notices");
        await restarted.Command.UntilErrorAsync("kisfeed: notice is no longer recorded: H0IFCNI0 was refused: OPSP0017");
        var before = Flushed(restarted.Command.Output);
        await restarted.Command.UntilOutputAsync(output => Flushed(output) > before);
        var run = await restarted.Command.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        (await Recorded.ReadAsync(_folder.Path)).Events.Single(e => e.Kind == CaptureEventKind.Refused).Code.ShouldBe("OPSP0017");
    }

    [Fact]
    public async Task When_the_last_target_is_refused_nothing_is_left_to_record()
    {
        await using var restarted = await RestartAsync("notice", "--notices");
        var run = await restarted.Command.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Refused, run.Error);
        run.Error.ShouldContain("kisfeed: notice: H0IFCNI0 was refused: OPSP0017");
        run.Error.TrimEnd().ShouldEndWith("; no target is left to record");
        CaptureReader.Open(_folder.Path).Files.ShouldAllBe(file => file.IsClosed);
    }

    [Fact]
    public async Task Without_reconnecting_a_lost_connection_is_the_end_and_what_came_before_is_recorded()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "index:1001", "--no-reconnect");
        await record.UntilOutputAsync(output => Flushed(output) > 20);
        server.DropConnections();
        var run = await record.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost, run.Error);
        run.Error.TrimEnd().Split('\n').Length.ShouldBe(2, run.Error);
        Last(run.Output)!.Value.GetProperty("ended").GetBoolean().ShouldBeTrue();
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Frames.Count().ShouldBe((int)Last(run.Output)!.Value.GetProperty("received").GetInt64());
        recorded.Events.Last().Kind.ShouldBe(CaptureEventKind.Closed);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_told()
    {
        var run = await CommandRun.WithVariablesAsync(Service.VariablesFor(await FormerUrlAsync()), "record", "index:0001", "--dir", _folder.Path);

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost);
        run.Error.ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task It_may_be_started_before_the_service_is()
    {
        var url = await FormerUrlAsync();
        await using var record = Start(url, "index:0001", "--wait", "--count", "3");
        await record.UntilErrorAsync("kisfeed: no connection: ");
        await using var service = await Service.StartAsync(new Uri(url).Port);
        var run = await record.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("kisfeed: connected after ");
        (await Recorded.ReadAsync(_folder.Path)).Frames.Count().ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_time_in_which_no_connection_came_about_is_no_success()
    {
        var run = await CommandRun.WithVariablesAsync(Service.VariablesFor(await FormerUrlAsync()), "record", "index:0001", "--dir", _folder.Path, "--wait", "--duration", "300ms");

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost);
        run.Error.ShouldContain("kisfeed: the connection could not be established: ");
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Being_interrupted_before_there_is_a_connection_is_told_by_the_exit_code()
    {
        await using var record = Start(await FormerUrlAsync(), "index:0001", "--wait");
        await record.UntilErrorAsync("kisfeed: no connection: ");

        (await record.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Interrupted);
    }

    private static JsonElement? Last(string output) => output.Split('\n')[..^1] is [.., var line] ? JsonSerializer.Deserialize<JsonElement>(line) : null;

    private static long Flushed(string output) => Last(output)?.GetProperty("flushed").GetInt64() ?? 0;

    // An address at which there was a service and is none any more.
    private static async Task<string> FormerUrlAsync()
    {
        await using var service = await Service.StartAsync();
        return service.Url;
    }

    private RunningCommand Start(string url, params string[] arguments) =>
        RunningCommand.Start(Service.VariablesFor(url), ["record", "--dir", _folder.Path, "--flush", "20ms", "--format", "json", .. arguments]);

    // Records a service until there is something, and then puts another in its place, at which the HTS ID is somebody else's.
    private async Task<Restarted> RestartAsync(params string[] arguments)
    {
        int port;
        RunningCommand record;
        await using (var service = await Service.StartAsync(port: 0, rate: 500))
        {
            port = service.Port;
            record = Start(service.Url, arguments);
            await record.UntilOutputAsync(output => Flushed(output) > 0);
        }

        return new Restarted(record, await Service.StartAsync(port, new SimulatorOptions { HtsId = "SomebodyElse" }, rate: 500));
    }

    private sealed record Restarted(RunningCommand Command, Service Service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Command.DisposeAsync();
            await Service.DisposeAsync();
        }
    }
}
