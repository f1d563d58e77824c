using KisFeed.Capture.Tests;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>A sink follows recorders, and there is only one for a capture.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class FollowTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task A_sink_follows_recorders_over_restarts_new_feeds_and_midnight()
    {
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true });
        var written = 0;
        for (var recorder = 0; recorder < 3; recorder++)
        {
            using var writer = Folder.Write(options => options with { MaxFileBytes = 1 << 16 });
            for (var flush = 0; flush < 4; flush++)
            {
                for (var i = 0; i < 300; i++, written++)
                    writer.Write("H0UPCNT0", Ticks.Index(written, written % 3 == 0 ? "1001" : "0001"), Ticks.At(written));
                writer.Flush();
                await UntilStoredAsync(sink, "H0UPCNT0", written);
            }

            // A recorder that was killed leaves a part of a block.
            writer.Dispose();
            if (recorder == 1)
                await File.AppendAllBytesAsync(Folder.Files[^1], (await File.ReadAllBytesAsync(Folder.Files[0]))[..300]);
        }

        using (var writer = Folder.Write())
        {
            for (var i = 0; i < 20; i++)
                writer.Write("H0BJCNT0", Ticks.Bond(i), Ticks.At(0).AddHours(14.999).AddSeconds(i));
            writer.Close();
        }

        await UntilStoredAsync(sink, "H0BJCNT0", 20);
        var status = await sink.StopAsync();

        status.Feeds.Select(feed => feed.TrId).ShouldBe(["H0BJCNT0", "H0UPCNT0"]);
        (status.Problem, status.HasEnded, status.LagBytes, status.Malformed).ShouldBe((null, true, 0, 0));
        await sink.Completion;
        await ShouldHaveIndexTradesAsync(written);
        (await QueryAsync("SELECT trading_day::text, count(*) FROM bond_trade GROUP BY 1 ORDER BY 1"))
            .ShouldBe(["2026-11-20|4", "2026-11-21|16"]);
        (await QueryAsync("SELECT event, reason, count(*) FROM gap WHERE feed = 'H0UPCNT0' GROUP BY 1, 2"))
            .ShouldBe(["start|notRecorded|3"]);
    }

    [Fact]
    public async Task A_second_sink_on_the_capture_ends_with_an_error()
    {
        WriteIndexTrades(0, 100);
        await using var first = PostgreSqlSink.Start(Options with { Follow = true });
        await UntilStoredAsync(first, "H0UPCNT0", 100);
        await using var second = PostgreSqlSink.Start(Options with { Follow = true, LockTimeout = TimeSpan.FromMilliseconds(50) });

        (await Should.ThrowAsync<PostgreSqlSinkException>(second.Completion.WaitAsync(Patience.Limit))).Message
            .ShouldContain("another sink stores the capture 'default'");

        await using var other = PostgreSqlSink.Start(
            Options with { Capture = "other", Directory = Path.GetTempPath(), LockTimeout = TimeSpan.Zero });
        await other.Completion.WaitAsync(Patience.Limit);
        WriteIndexTrades(100, 100);
        await UntilStoredAsync(first, "H0UPCNT0", 200);
        await ShouldHaveIndexTradesAsync(200);
    }

    [Fact]
    public async Task A_sink_whose_position_was_moved_by_another_one_stores_nothing()
    {
        WriteIndexTrades(0, 100);
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true });
        await UntilStoredAsync(sink, "H0UPCNT0", 100);
        await QueryAsync("UPDATE checkpoint SET position = position + 1");
        WriteIndexTrades(100, 100);

        (await Should.ThrowAsync<PostgreSqlSinkException>(sink.Completion.WaitAsync(Patience.Limit))).Message
            .ShouldContain("another sink stores the capture");
        await ShouldHaveIndexTradesAsync(100);
    }

    [Fact]
    public async Task Rows_that_exist_are_skipped_if_the_positions_are_lost()
    {
        WriteIndexTrades(0, 300);
        await StoreAsync();
        await QueryAsync("DELETE FROM checkpoint");
        WriteIndexTrades(300, 50);

        var status = await StoreAsync();

        // The event of the first recorder's start is one of them.
        status.Duplicates.ShouldBe(301);
        await ShouldHaveIndexTradesAsync(350);
        Log.Messages.ShouldContain(message => message.Id == 2205);
    }

    [Fact]
    public async Task A_removed_file_is_reported_while_the_sink_runs_and_after_a_restart()
    {
        WriteIndexTrades(0, 100);
        await StoreAsync();
        var folder = Path.GetDirectoryName(Folder.Files.Single())!;
        File.Delete(Folder.Files.Single());
        Folder.Put(Path.Combine(folder, "H0UPCNT0-100000.log.gz"), RecordedElsewhere());

        (await StoreAsync()).Records.ShouldBe(10);
        (await StoreAsync()).Records.ShouldBe(0);

        (await QueryAsync("SELECT event, reason, key, until IS NULL, file FROM gap WHERE event = 'removed'"))
            .ShouldBe(["removed|notRecorded||True|2026-11-20/H0UPCNT0-090000.log.gz"]);
        Log.Messages.Count(message => message.Id == 2207).ShouldBe(1);
    }

    [Fact]
    public async Task A_folder_that_disappears_is_a_problem_until_it_is_back()
    {
        WriteIndexTrades(0, 100);
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true });
        await UntilStoredAsync(sink, "H0UPCNT0", 100);
        var moved = $"{Folder.Path}-moved";
        Directory.Move(Folder.Path, moved);
        await Patience.UntilAsync(() => sink.Status.Problem?.Contains(Folder.Path, StringComparison.Ordinal) == true);
        Directory.CreateDirectory(Folder.Path);
        await Patience.UntilAsync(() => sink.Status.Problem?.Contains("is empty although it had files", StringComparison.Ordinal) == true);
        Directory.Delete(Folder.Path);
        Directory.Move(moved, Folder.Path);
        WriteIndexTrades(100, 100);

        await UntilStoredAsync(sink, "H0UPCNT0", 200);
        await Patience.UntilAsync(() => sink.Status.Problem is null);
        await ShouldHaveIndexTradesAsync(200);
        (await QueryAsync("SELECT count(*) FROM gap WHERE event = 'removed'")).ShouldBe(["0"]);
    }

    [Fact]
    public async Task A_folder_that_is_empty_at_the_start_is_not_taken_for_removed_files()
    {
        WriteIndexTrades(0, 100);
        await StoreAsync();
        var moved = $"{Folder.Path}-moved";
        Directory.Move(Folder.Path, moved);
        Directory.CreateDirectory(Folder.Path);

        (await Should.ThrowAsync<PostgreSqlSinkException>(StoreAsync())).Message.ShouldContain("is empty although it had files");

        Directory.Delete(Folder.Path);
        Directory.Move(moved, Folder.Path);
        (await StoreAsync()).Records.ShouldBe(0);
        (await QueryAsync("SELECT count(*) FROM gap WHERE event = 'removed'")).ShouldBe(["0"]);
    }

    [Fact]
    public async Task An_incomplete_end_of_a_file_is_no_lag()
    {
        WriteIndexTrades(0, 100);
        await File.AppendAllBytesAsync(Folder.Files[0], (await File.ReadAllBytesAsync(Folder.Files[0]))[..100]);
        (await StoreAsync()).LagBytes.ShouldBe(0);
    }

    private static byte[] RecordedElsewhere()
    {
        using var folder = new CaptureFolder();
        using (var writer = folder.Write())
        {
            for (var i = 0; i < 10; i++)
                writer.Write("H0UPCNT0", Ticks.Index(i), Ticks.At(i).AddHours(1));
            writer.Close();
        }

        return File.ReadAllBytes(folder.Files.Single());
    }

    private static Task UntilStoredAsync(PostgreSqlSink sink, string feed, int count)
    {
        return Patience.UntilAsync(() => IsStored() ? Task.FromResult(true)
            : sink.Completion.IsFaulted ? throw sink.Completion.Exception!
            : Task.FromResult(false));

        bool IsStored() => sink.Status.Feeds.Any(status => status.TrId == feed && status.Records >= count);
    }
}
