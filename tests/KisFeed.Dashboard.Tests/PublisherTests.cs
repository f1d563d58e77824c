using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Dashboard.Tests.Browsing;
using KisFeed.Dashboard.Tests.Staging;
using KisFeed.Wire;

namespace KisFeed.Dashboard.Tests;

/// <summary>The state of the publisher to a cluster in the health panel.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class PublisherTests(Chromium chromium) : DashboardTests(chromium)
{
    [Fact]
    public async Task The_health_panel_shows_whether_everything_is_published_and_why_not()
    {
        using var folder = new CaptureFolder();
        var publisher = new SettablePublisher();
        await using var host = await DashboardHost.OpenAsync(gateway: options => options with
        {
            Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path } },
            OpenPublisher = _ => publisher,
        });
        await VisitAsync(
            host,
            async viewer =>
            {
                await viewer.OpenHealthAsync();
                await Expect(viewer.Health("publisher")).ToHaveTextAsync("up to date · 1,204 published");
                await Expect(viewer.Health("sink")).ToBeHiddenAsync();

                publisher.Status = publisher.Status with
                {
                    IsLive = false,
                    Lag = TimeSpan.FromSeconds(95),
                    ProblemSince = new DateTimeOffset(2026, 11, 20, 9, 4, 12, TimeSpan.FromHours(9)),
                    Problem = "mq1 cannot be reached",
                    ProblemSummary = "the cluster cannot be reached",
                };
                await Expect(viewer.Health("publisher"))
                    .ToHaveTextAsync("not publishing since 09:04:12 · the cluster cannot be reached · 95 s behind");
                await Expect(viewer.Health("publisher")).ToHaveAttributeAsync("data-severity", "bad");
            },
            View.Desktop with { Language = "en-US" });
    }

    private sealed class SettablePublisher : IFramePublisher
    {
        public FramePublisherStatus Status { get; set; } = new() { IsLive = true, Published = 1_204 };

        public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task RemoveAsync(FeedSchema feed, string key) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
