using System.Text;
using KisFeed.Capture.Bars;
using KisFeed.Capture.Export;
using KisFeed.Capture.Inspection;
using KisFeed.Capture.Reading;
using KisFeed.Feeds;

namespace KisFeed.Capture.Tests;

/// <summary>Files that hold more keys and names than anybody has: what is kept of each is bounded, and what is not told is said.</summary>
public sealed class ManyKeysTests : IDisposable
{
    private const int Beyond = 1_000;
    private const int PerFrame = 100;
    private const int Many = GapTracker.MaxKeys + Beyond;

    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Keys_are_counted_up_to_the_bound_and_the_records_of_all()
    {
        var report = await CaptureInspection.RunAsync(CaptureReader.Open(OfKeys()));

        var feed = report.Feeds.Single();
        (feed.Keys.Count, feed.Records, feed.UnfollowedRecords).ShouldBe((GapTracker.MaxKeys, Many, Beyond));
        var problem = report.Problems.Single();
        (problem.Kind, report.Files.Single().Integrity).ShouldBe((CaptureProblemKind.TooManyKeys, FileIntegrity.Unchecked));
        problem.Message.ShouldContain("65,536 keys of at most 64 bytes are tracked");
    }

    [Fact]
    public async Task Bars_are_made_of_the_keys_up_to_the_bound_and_the_others_are_counted()
    {
        var capture = new CaptureBars(CaptureReader.Open(OfKeys()));
        var bars = 0;
        await foreach (var bar in capture.ReadAsync())
            bars++;

        (bars, capture.Counts.Unfollowed, capture.Counts.Problems).ShouldBe((GapTracker.MaxKeys, Beyond, 1));
    }

    [Fact]
    public async Task All_records_are_exported()
    {
        var export = new CaptureExport(CaptureReader.Open(OfKeys()));
        await export.WriteAsync(Stream.Null);

        (export.Counts.Records, export.Counts.Problems).ShouldBe((Many, 1));
    }

    [Fact]
    public async Task The_library_gives_up_with_an_error_unless_a_key_is_named()
    {
        var reader = CaptureReader.Open(OfKeys());
        var error = await Should.ThrowAsync<CaptureException>(async () =>
        {
            await foreach (var item in reader.ReadItemsAsync(IndexTrade.Feed))
                _ = item;
        });
        List<IndexTrade> named = [];
        await foreach (var trade in reader.ReadAsync(IndexTrade.Feed, $"K{Many - 1}"))
            named.Add(trade);

        error.Message.ShouldContain("has more keys than any recording");
        named.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_not_followed()
    {
        var path = Put($"2026-11-20T00:00:00.0000000Z {Encoding.UTF8.GetString(Ticks.Index(1, new string('k', 65)))}\n");

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.Feeds.Single().Keys.Count, report.Feeds.Single().UnfollowedRecords, report.Problems.Single().Kind).ShouldBe((0, 1, CaptureProblemKind.TooManyKeys));
    }

    [Fact]
    public async Task Events_of_keys_without_an_end_are_bounded_too()
    {
        var path = Put(string.Concat(Enumerable.Range(0, Many).Select(i => $$"""# {"at":"2026-11-20T00:00:00.0000000Z","event":"gap","feed":"H0UPCNT0","key":"K{{i}}"}""" + "\n")));

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.GapCount, report.Gaps.Count, report.Problems.Single().Kind).ShouldBe((GapTracker.MaxKeys, CaptureInspection.MaxListed, CaptureProblemKind.TooManyKeys));
    }

    [Fact]
    public async Task Feeds_and_events_that_nobody_knows_are_counted_together_where_there_are_many()
    {
        const int Unknown = 10_000;
        var path = Put(string.Concat(Enumerable.Range(0, Unknown).Select(i =>
            $$"""
            2026-11-20T00:00:00.0000000Z 0|T{{i}}|001|a^b
            # {"at":"2026-11-20T00:00:00.0000000Z","event":"event{{i}}"}

            """)));

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.Feeds.Count, report.Events.Count).ShouldSatisfyAllConditions(counts => counts.Item1.ShouldBeLessThan(200), counts => counts.Item2.ShouldBeLessThan(200));
        report.Feeds.Sum(f => f.Frames).ShouldBe(Unknown);
        report.Feeds.ShouldContain(f => f.TrId == FeedReport.NoFeed && f.IsUnknown);
        (report.Events.Values.Sum(), report.Malformed).ShouldBe((Unknown, Unknown));
    }

    public void Dispose() => _folder.Dispose();

    private string OfKeys()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Many; i += PerFrame)
        {
            var count = Math.Min(PerFrame, Many - i);
            text.Append("2026-11-20T00:00:00.0000000Z 0|H0UPCNT0|").Append(count.ToString("000", null)).Append('|');
            text.AppendJoin('^', Enumerable.Range(i, count).Select(key => Ticks.IndexRecord(1, $"K{key}"))).Append('\n');
        }

        return Put(text.ToString());
    }

    private string Put(string text) => _folder.Put("many.log", Encoding.UTF8.GetBytes(text));
}
