using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>A simulated day has one date in all commands, at whatever hour it is recorded.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class SimulatedDayTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bars_and_exports_of_a_simulated_day_have_its_date()
    {
        await using (var service = await Service.StartAsync())
        {
            string[] record = ["record", "index:0001", "bond:KR103502GA34", "--dir", _folder.Path, "--count", "1000", "--duration", "60s"];
            var recording = await CommandRun.WithVariablesAsync(Service.VariablesFor(service.Url), record);
            recording.ExitCode.ShouldBe(ExitCode.Success, recording.Error);
        }

        var bars = await CommandRun.OfAsync("bars", _folder.Path, "--feed", "index", "--key", "0001", "--format", "csv");
        bars.ExitCode.ShouldBe(ExitCode.Success, bars.Error);
        bars.Error.ShouldNotContain("late");
        Rows(bars.Output).ShouldAllBe(row => row.Contains("2026-11-20T", StringComparison.Ordinal));

        var all = await CommandRun.OfAsync("export", _folder.Path, "--feed", "index", "--format", "csv");
        var day = await CommandRun.OfAsync(
            "export", _folder.Path, "--feed", "index", "--format", "csv", "--from", "2026-11-20T09:00", "--to", "2026-11-20T15:30");
        Rows(day.Output).Length.ShouldBeGreaterThan(100);
        day.Output.ShouldBe(all.Output);
    }

    private static string[] Rows(string csv) => csv.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
}
