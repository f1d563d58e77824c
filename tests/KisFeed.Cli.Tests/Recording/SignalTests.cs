using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Tests.Running;
using KisFeed.Simulator;
using KisFeed.Testing;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>Signals to a recording process while frames arrive.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_recorder_with_all_received_data_in_closed_files(string signal)
    {
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(1) });
        await using var record = ProcessRunner.StartKisFeed(
            Service.VariablesFor(service.Url.ToString()),
            ["record", .. NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"), "--dir", _folder.Path, "--format", "json", "--max-file-size", "128K"]);
        await service.UntilSentAsync(0, 5_000);
        await record.SignalAsync(signal);

        (await record.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, record.Errors);
        record.Errors.ShouldBe($"kisfeed: recording 3 registrations into {_folder.Path}\n");
        var end = JsonSerializer.Deserialize<JsonElement>(record.Output.TrimEnd().Split('\n')[^1]);
        end.GetProperty("ended").GetBoolean().ShouldBeTrue();
        var received = end.GetProperty("received").GetInt64();
        (end.GetProperty("flushed").GetInt64(), end.GetProperty("lost").GetInt64(), end.GetProperty("dropped").GetInt64()).ShouldBe((received, 0, 0));

        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.Numbers.ShouldBe(Enumerable.Range(0, (int)received).Select(number => (0, number)));
        var verifier = new CaptureVerifier(_folder.Path);
        verifier.Compare();
        verifier.ShouldBeInOrder();
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_recorder_that_was_stopped_states_the_whole_pause()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 100 });
        await using var record = ProcessRunner.StartKisFeed(
            Service.VariablesFor(server.WebSocketUrl.ToString()),
            ["record", "index:0001", "--dir", _folder.Path, "--format", "json", "--flush", "50ms"]);
        await RecordedAsync(frames: 20);
        await record.SignalAsync("STOP");
        var pause = TimeSpan.FromSeconds(7); // Longer than what counts as a pause.
        await Task.Delay(pause);
        await record.SignalAsync("CONT");
        await RecordedAsync(frames: 100);
        await record.SignalAsync("INT");
        (await record.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, record.Errors);

        var recorded = await Recorded.ReadAsync(_folder.Path);
        var gap = recorded.Events.Single(e => e.Kind == CaptureEventKind.Gap);
        gap.Reason.ShouldBe(GapReason.Paused);
        (gap.To - gap.From).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(pause);
        var interruption = recorded.Events.Single(e => e.Kind == CaptureEventKind.Interrupted);
        interruption.At.ShouldBeInRange(gap.From!.Value, gap.To!.Value - pause);

        async Task RecordedAsync(long frames)
        {
            var flushed = 0L;
            while (flushed < frames)
                flushed = JsonSerializer.Deserialize<JsonElement>(await record.ReadLineAsync(Patience.Limit)).GetProperty("flushed").GetInt64();
        }
    }
}
