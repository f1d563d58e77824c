using KisFeed.Capture.Bars;
using KisFeed.Capture.Export;
using KisFeed.Capture.Inspection;
using KisFeed.Capture.Reading;

namespace KisFeed.Capture.Tests;

/// <summary>Files with more keys and names than any real capture: memory is bounded, and what is not tracked is reported.</summary>
public sealed class ManyKeysTests : IDisposable
{
    private const int Untracked = 1_000;
    private const int RecordsPerFrame = 100;
    private const int KeyCount = GapTracker.MaxKeys + Untracked;

    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Keys_are_counted_up_to_the_limit_and_records_of_all_keys()
    {
        var report = await CaptureInspection.RunAsync(CaptureReader.Open(WriteKeys()));

        var feed = report.Feeds.Single();
        (feed.Keys.Count, feed.Records, feed.UnfollowedRecords).ShouldBe((GapTracker.MaxKeys, KeyCount, Untracked));
        var problem = report.Problems.Single();
        (problem.Kind, report.Files.Single().Integrity).ShouldBe((CaptureProblemKind.TooManyKeys, FileIntegrity.Unchecked));
        problem.Message.ShouldContain("65,536 keys of at most 64 bytes are tracked");
    }

    [Fact]
    public async Task Bars_are_built_for_keys_up_to_the_limit_and_other_records_are_counted()
    {
        var capture = new CaptureBars(CaptureReader.Open(WriteKeys()));
        var bars = 0;
        await foreach (var bar in capture.ReadAsync())
            bars++;

        (bars, capture.Counts.Unfollowed, capture.Counts.Problems).ShouldBe((GapTracker.MaxKeys, Untracked, 1));
    }

    [Fact]
    public async Task All_records_are_exported()
    {
        var export = new CaptureExport(CaptureReader.Open(WriteKeys()));
        await export.WriteAsync(Stream.Null);

        (export.Counts.Records, export.Counts.Problems).ShouldBe((KeyCount, 1));
    }

    [Fact]
    public async Task Reading_items_of_too_many_keys_fails_unless_a_key_is_given()
    {
        var reader = CaptureReader.Open(WriteKeys());
        var error = await Should.ThrowAsync<CaptureException>(async () =>
        {
            await foreach (var item in reader.ReadItemsAsync(IndexTrade.Feed))
                _ = item;
        });
        List<IndexTrade> named = [];
        await foreach (var trade in reader.ReadAsync(IndexTrade.Feed, $"K{KeyCount - 1}"))
            named.Add(trade);

        error.Message.ShouldContain("has more keys than any recording");
        named.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_not_tracked()
    {
        var path = Put($"2026-11-20T00:00:00.0000000Z {Encoding.UTF8.GetString(Ticks.Index(1, new string('k', 65)))}\n");

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.Feeds.Single().Keys.Count, report.Feeds.Single().UnfollowedRecords, report.Problems.Single().Kind)
            .ShouldBe((0, 1, CaptureProblemKind.TooManyKeys));
    }

    [Fact]
    public async Task Events_of_many_keys_are_bounded_too()
    {
        var path = Put(string.Concat(Enumerable.Range(0, KeyCount)
            .Select(i => $$"""# {"at":"2026-11-20T00:00:00.0000000Z","event":"gap","feed":"H0UPCNT0","key":"K{{i}}"}""" + "\n")));

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.GapCount, report.Gaps.Count, report.Problems.Single().Kind)
            .ShouldBe((GapTracker.MaxKeys, CaptureInspection.MaxListed, CaptureProblemKind.TooManyKeys));
    }

    [Fact]
    public async Task Many_unknown_feeds_and_events_are_counted_together()
    {
        const int Unknown = 10_000;
        var path = Put(string.Concat(Enumerable.Range(0, Unknown).Select(i =>
            $$"""
            2026-11-20T00:00:00.0000000Z 0|T{{i}}|001|a^b
            # {"at":"2026-11-20T00:00:00.0000000Z","event":"event{{i}}"}

            """)));

        var report = await CaptureInspection.RunAsync(CaptureReader.Open(path));

        (report.Feeds.Count, report.Events.Count)
            .ShouldSatisfyAllConditions(counts => counts.Item1.ShouldBeLessThan(200), counts => counts.Item2.ShouldBeLessThan(200));
        report.Feeds.Sum(f => f.Frames).ShouldBe(Unknown);
        report.Feeds.ShouldContain(f => f.TrId == FeedReport.NoFeed && f.IsUnknown);
        (report.Events.Values.Sum(), report.Malformed).ShouldBe((Unknown, Unknown));
    }

    public void Dispose() => _folder.Dispose();

    private string WriteKeys()
    {
        var text = new StringBuilder();
        for (var i = 0; i < KeyCount; i += RecordsPerFrame)
        {
            var count = Math.Min(RecordsPerFrame, KeyCount - i);
            text.Append("2026-11-20T00:00:00.0000000Z 0|H0UPCNT0|").Append(count.ToString("000", null)).Append('|');
            text.AppendJoin('^', Enumerable.Range(i, count).Select(key => Ticks.IndexRecord(1, $"K{key}"))).Append('\n');
        }

        return Put(text.ToString());
    }

    private string Put(string text) => _folder.Put("many.log", Encoding.UTF8.GetBytes(text));
}
