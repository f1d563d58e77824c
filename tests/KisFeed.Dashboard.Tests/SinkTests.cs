using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;

namespace KisFeed.Dashboard.Tests;

/// <summary>The state of the sink of the recording in the health panel.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class SinkTests(Chromium chromium) : DashboardTests(chromium)
{
    [Fact]
    public async Task The_health_panel_shows_how_far_the_sink_is_behind_and_why()
    {
        using var folder = new CaptureFolder();
        var sink = new SettableSink();
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with
        {
            Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path } },
            OpenSink = _ => sink,
        });
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.OpenHealthAsync();
                await Expect(viewer.HealthLine("operation")).ToBeEmptyAsync();
                await Expect(viewer.Health("sink")).ToHaveTextAsync("up to date · 1,204 records");
                await Expect(viewer.Health("sink")).ToHaveAttributeAsync("data-severity", "good");

                sink.Status =
                    sink.Status with { Feeds = [new StoredFeedStatus("H0UPCNT0") { LagBytes = 3 << 20, Lag = TimeSpan.FromSeconds(95) }] };
                await Expect(viewer.Health("sink")).ToHaveTextAsync("3.00 MiB, 95 s behind · 1,204 records");

                sink.Status = sink.Status with
                {
                    ProblemSince = new DateTimeOffset(2026, 11, 20, 9, 4, 12, TimeSpan.FromHours(9)),
                    Problem = "db cannot be reached",
                    ProblemSummary = "the database cannot be reached",
                };
                await Expect(viewer.Health("sink")).ToHaveTextAsync(
                    "not storing since 09:04:12 · the database cannot be reached · 3.00 MiB, 95 s behind");
                await Expect(viewer.Health("sink")).ToHaveAttributeAsync("data-severity", "bad");
                await Expect(viewer.HealthLine("operation")).ToHaveTextAsync("Gateway needs attention");
                await ScreenshotAsync(viewer, "sink");
            },
            View.Desktop with { Language = "en-US" });
    }

    [Fact]
    public async Task Without_a_sink_the_health_panel_does_not_mention_one()
    {
        await using var host = await DashboardHost.OpenAsync();
        await VisitAsync(host, async viewer =>
        {
            await viewer.WaitForDataAsync();
            await viewer.OpenHealthAsync();
            await Expect(viewer.Health("sink")).ToBeHiddenAsync();
        });
    }

    private sealed class SettableSink : IRecordingSink
    {
        public RecordingSinkStatus Status { get; set; } = new() { Records = 1_204 };

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
