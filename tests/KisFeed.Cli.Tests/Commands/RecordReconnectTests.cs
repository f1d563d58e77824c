using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

/// <summary>Recording a service that disappears, returns, or is replaced by another one.</summary>
public sealed class RecordReconnectTests : IDisposable
{
    private readonly CaptureFolder _folder = new();
    private readonly ReservedPort _port = ReservedPort.Take();

    // The address of a service that does not run, or not always.
    private string Url => $"ws://127.0.0.1:{_port.Number}";

    public void Dispose()
    {
        _folder.Dispose();
        _port.Dispose();
    }

    [Fact]
    public async Task A_lost_connection_leaves_only_a_gap_in_the_file()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "index:1001");
        await record.WaitForOutputAsync(output => Flushed(output) > 20);
        server.DropConnections();
        await record.WaitForErrorAsync("kisfeed: connected again");
        await record.WaitForOutputAsync(output => Last(output)?.GetProperty("gaps").GetInt64() == 2);
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
    public async Task A_late_refusal_of_a_target_is_reported_and_the_others_continue()
    {
        await using var restarted = await RestartAsync("notice", "index:0001", "--notices");
        await restarted.Command.WaitForErrorAsync("kisfeed: notice is no longer recorded: H0IFCNI0 was refused: OPSP0017");
        var before = Flushed(restarted.Command.Output);
        await restarted.Command.WaitForOutputAsync(output => Flushed(output) > before);
        var run = await restarted.Command.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        (await Recorded.ReadAsync(_folder.Path)).Events.Single(e => e.Kind == CaptureEventKind.Refused).Code.ShouldBe("OPSP0017");
    }

    // The first target is registered, and the answer for the second one is still missing, when the service is replaced.
    [Fact]
    public async Task A_refusal_while_another_target_is_being_added_is_reported()
    {
        var slow = new SimulatorOptions { Faults = SimulatorFaults.Parse("slow-ack=500ms") };
        await using var restarted = await RestartAsync(slow, output => Confirmed(output) == 1, "notice", "index:0001", "--notices");

        await restarted.Command.WaitForErrorAsync("kisfeed: notice is no longer recorded: H0IFCNI0 was refused: OPSP0017");
        (await restarted.Command.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success, restarted.Command.Error);
    }

    [Fact]
    public async Task A_refusal_of_the_last_target_ends_the_recording()
    {
        await using var restarted = await RestartAsync("notice", "--notices");
        var run = await restarted.Command.EndAsync();

        run.ShouldFail(ExitCode.Refused, "kisfeed: notice: H0IFCNI0 was refused: OPSP0017");
        run.Error.TrimEnd().ShouldEndWith("; no target is left to record");
        CaptureReader.Open(_folder.Path).Files.ShouldAllBe(file => file.IsClosed);
    }

    [Fact]
    public async Task A_recorder_whose_credentials_are_refused_writes_everything_and_waits_for_its_end()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001");
        await record.WaitForOutputAsync(output => Flushed(output) > 20);
        server.SetFaults(SimulatorFaults.Parse("refuse=OPSP0010"));
        server.DropConnections();
        await record.WaitForErrorAsync("the command waits for its end");
        CaptureReader.Open(_folder.Path).Files.ShouldAllBe(file => file.IsClosed);
        (await record.InterruptAsync()).ShouldFail(ExitCode.Refused, "OPSP0010");
    }

    [Fact]
    public async Task A_recorder_gives_up_after_the_given_time()
    {
        var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "--give-up-after", "300ms");
        await record.WaitForOutputAsync(output => Flushed(output) > 20);
        await server.DisposeAsync();
        (await record.EndAsync()).ShouldFail(ExitCode.ConnectionLost, "given up after 300ms");
    }

    [Fact]
    public async Task A_key_that_cannot_be_registered_at_the_start_is_retried_if_the_command_waits()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = 500, Faults = SimulatorFaults.Parse("refuse=OPSP0007:3") });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "--wait", "--count", "3");
        var run = await record.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("kisfeed: index:0001: H0UPCNT0 was refused: OPSP0007");
    }

    [Fact]
    public async Task Without_reconnecting_a_lost_connection_ends_the_recording_with_all_earlier_data()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500 });
        await using var record = Start(server.WebSocketUrl.ToString(), "index:0001", "index:1001", "--no-reconnect");
        await record.WaitForOutputAsync(output => Flushed(output) > 20);
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
    public async Task An_unreachable_service_is_reported()
    {
        (await CommandRun.WithVariablesAsync(Service.VariablesFor(Url), "record", "index:0001", "--dir", _folder.Path))
            .ShouldFail(ExitCode.ConnectionLost, "cannot be reached");
    }

    [Fact]
    public async Task The_command_may_be_started_before_the_service()
    {
        await using var record = Start(Url, "index:0001", "--wait", "--count", "3");
        await record.WaitForErrorAsync("kisfeed: no connection: ");
        await using var service = await Service.StartAsync(_port.Number);
        var run = await record.EndAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("kisfeed: connected after ");
        (await Recorded.ReadAsync(_folder.Path)).Frames.Count().ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_duration_without_any_connection_is_a_failure()
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(Url), "record", "index:0001", "--dir", _folder.Path, "--wait", "--duration", "300ms");

        run.ShouldFail(ExitCode.ConnectionLost, "kisfeed: the connection could not be established: ");
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_interrupt_before_any_connection_has_its_own_exit_code()
    {
        await using var record = Start(Url, "index:0001", "--wait");
        await record.WaitForErrorAsync("kisfeed: no connection: ");

        (await record.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Interrupted);
    }

    private static JsonElement? Last(string output) =>
        output.Split('\n')[..^1] is [.., var line] ? JsonSerializer.Deserialize<JsonElement>(line) : null;

    private static long Flushed(string output) => Last(output)?.GetProperty("flushed").GetInt64() ?? 0;

    private static int Confirmed(string output) => Last(output)?.GetProperty("sessions")[0].GetProperty("confirmed").GetInt32() ?? 0;

    private RunningCommand Start(string url, params string[] arguments) =>
        RunningCommand.Start(
            Service.VariablesFor(url), ["record", "--dir", _folder.Path, "--flush", "20ms", "--format", "json", .. arguments]);

    // Records a service until there is a record, and then replaces it by another one for which the HTS ID is not valid.
    private Task<RestartedService> RestartAsync(params string[] arguments) => RestartAsync(null, output => Flushed(output) > 0, arguments);

    private async Task<RestartedService> RestartAsync(SimulatorOptions? first, Func<string, bool> isReady, params string[] arguments)
    {
        RunningCommand record;
        await using (var service = await Service.StartAsync(_port.Number, first, rate: 500))
        {
            record = Start(service.Url, arguments);
            await record.WaitForOutputAsync(isReady);
        }

        return new RestartedService(
            record, await Service.StartAsync(_port.Number, new SimulatorOptions { HtsId = "SomebodyElse" }, rate: 500));
    }

    private sealed record RestartedService(RunningCommand Command, Service Service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Command.DisposeAsync();
            await Service.DisposeAsync();
        }
    }
}
