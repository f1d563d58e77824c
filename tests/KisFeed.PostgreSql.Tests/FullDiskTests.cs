using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>A disk of the database that is really full. <see cref="CrashTests"/> fills it at random moments.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class FullDiskTests(Database database, ITestOutputHelper output) : SinkTest(database), IClassFixture<Database>
{
    private const int Records = 60_000;
    private const int Megabytes = 200;
    private const long Free = 12 << 20;

    [Fact]
    public async Task Storing_resumes_after_space_is_freed_and_nothing_is_lost_or_doubled()
    {
        await using var disk = await SmallDisk.TryMountAsync(Database, Megabytes);
        if (disk is null)
        {
            output.WriteLine("cannot mount a file system here; the test was skipped");
            return;
        }

        disk.Fill(Free);
        WriteIndexTrades(0, Records);
        await using (var sink = PostgreSqlSink.Start(Options with { ConnectionString = disk.ConnectionString, MaxBatchText = 300_000 }))
        {
            await Patience.UntilAsync(
                () => sink.Status.Problem?.Contains("53100", StringComparison.Ordinal) == true && sink.Status.Failures > 3);
            var full = sink.Status;
            disk.Free();
            await sink.Completion.WaitAsync(Patience.Limit);

            output.WriteLine($"full after {full.Records} records, {full.Failures} failures: {full.Problem}");
            full.Records.ShouldBeInRange(1, Records - 1);
            (sink.Status.Records, sink.Status.Problem, sink.Status.Duplicates).ShouldBe((Records, null, 0));
        }

        await ShouldHaveIndexTradesAsync(Records);
        await disk.RemoveAsync(Schema);
    }
}
