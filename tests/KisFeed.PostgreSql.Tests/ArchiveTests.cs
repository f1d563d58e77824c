using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>The files of a capture in the database: byte for byte, also after the folder has lost them.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class ArchiveTests(Database database) : SinkTest(database)
{
    private static readonly DateOnly s_day = new(2026, 11, 20);

    [Fact]
    public async Task Every_file_is_read_back_byte_for_byte()
    {
        var random = new Random(TestRun.Seed);
        var number = 0;
        using (var writer = Folder.Write(options => options with { MaxFileBytes = 1 << 16 }))
        {
            foreach (var frame in KisFeeds.Catalog.Feeds.SelectMany(
                feed => GeneratedFrames.Of(feed, TestRun.Seed).Select(text => (feed.TrId, text))))
            {
                writer.Write(frame.TrId, Encoding.UTF8.GetBytes(frame.text), Ticks.At(number += random.Next(1, 2_000)));
                if (random.Next(20) == 0)
                    writer.Write(frame.TrId, Encoding.UTF8.GetBytes($"0|{frame.TrId}|00x|damaged^{random.Next()}"), Ticks.At(++number));
                if (random.Next(20) == 0)
                {
                    writer.Write(new CaptureEvent
                    {
                        Kind = CaptureEventKind.Gap,
                        At = Ticks.At(++number),
                        TrId = frame.TrId,
                        Key = "K1",
                        Reason = GapReason.Silence,
                        From = Ticks.At(number - 1),
                    });
                }
                if (random.Next(30) == 0)
                    writer.Flush();
            }

            writer.Close();
        }

        await StoreAsync(options => options with { Notices = true, MaxBatchText = 20_000 });

        await ShouldHaveFilesAsync(Folder.Files);
        (await FindAsync([.. KisFeeds.Catalog.Feeds.Select(feed => feed.TrId)], s_day.AddDays(1))).Select(file => file.Name)
            .ShouldBe(Folder.Files.Select(NameOf), ignoreOrder: true);
    }

    [Fact]
    public async Task What_a_reader_gets_from_the_database_is_what_it_got_from_the_folder()
    {
        WriteIndexTrades(0, 8_000, options => options with { MaxFileBytes = 1 << 16 });
        WriteIndexTrades(8_000, 500);
        Folder.Files.Length.ShouldBeGreaterThan(2);
        await StoreAsync(options => options with { MaxBatchText = 10_000 });
        foreach (var from in (DateTimeOffset?[])[null, Ticks.At(1), Ticks.At(1_234), Ticks.At(8_000), Ticks.At(8_499)])
        {
            var options = new CaptureReaderOptions { From = from is { } at ? CaptureTime.At(at) : null, Seeks = true };
            var expected = await ItemsAsync(CaptureReader.Open(Folder.Path, options));

            var read = await ItemsAsync(await OpenAsync(options));

            read.ShouldBe(expected, $"{from:O}");
        }
    }

    [Fact]
    public async Task Order_notices_are_not_kept_unless_they_are_stored()
    {
        using (var writer = Folder.Write())
        {
            writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(1));
            writer.Write("UNKNOWN", "0|H0NEW000|001|secret"u8, Ticks.At(2));
            writer.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            writer.Write("H0BJCNT0", Ticks.Notice(4), Ticks.At(4)); // In the wrong file.
            writer.Close();
        }

        await StoreAsync();

        (await QueryAsync("SELECT DISTINCT left(file, 19) FROM capture_part")).ShouldBe(["2026-11-20/H0UPCNT0"]);
        var bonds = Folder.Files.Single(file => file.Contains("H0BJCNT0", StringComparison.Ordinal));
        var problem = (await ItemsAsync(await OpenAsync(new CaptureReaderOptions(), "H0BJCNT0"))).ShouldHaveSingleItem();
        problem.ShouldStartWith($"{NameOf(bonds)} is incomplete in the archive: the rest of the file is missing, from byte 0 to ");
    }

    [Fact]
    public async Task A_file_that_was_replaced_has_only_its_new_content()
    {
        WriteIndexTrades(0, 400);
        await StoreAsync(options => options with { MaxBatchText = 2_000 });
        File.Delete(Folder.Files.Single());
        WriteIndexTrades(0, 100);

        await StoreAsync();

        await ShouldHaveFilesAsync(Folder.Files);
    }

    [Fact]
    public async Task A_file_that_was_removed_before_it_was_stored_ends_with_a_problem()
    {
        WriteIndexTrades(0, 100);
        await StoreAsync();
        File.Delete(Folder.Files.Single());
        WriteIndexTrades(70_000, 100);
        await StoreAsync();

        var items = await ItemsAsync(await OpenAsync(new CaptureReaderOptions()));

        items.Count(item => item.Contains("is incomplete in the archive: the rest of the file is missing", StringComparison.Ordinal))
            .ShouldBe(1);
        items.Count(item => item.Contains("|H0UPCNT0|", StringComparison.Ordinal)).ShouldBe(200);
    }

    [Fact]
    public async Task Files_that_are_deleted_after_the_folder_was_searched_are_read_from_the_database()
    {
        WriteIndexTrades(0, 8_000, options => options with { MaxFileBytes = 1 << 16 });
        await StoreAsync();
        foreach (var from in (DateTimeOffset?[])[null, Ticks.At(4_321)])
        {
            var options = new CaptureReaderOptions { From = from is { } at ? CaptureTime.At(at) : null, Seeks = true };
            var expected = await ItemsAsync(CaptureReader.Open(Folder.Path, options));
            await using var archive = new PostgreSqlArchive(Options);
            var reader = CaptureReader.Open(Folder.Files, archive, [], options, CancellationToken.None);
            var elsewhere = Directory.CreateTempSubdirectory("kisfeed-moved-");
            var (day, moved) = (Path.Combine(Folder.Path, "2026-11-20"), Path.Combine(elsewhere.FullName, "2026-11-20"));
            Directory.Move(day, moved);

            var read = await ItemsAsync(reader);

            Directory.Move(moved, day);
            elsewhere.Delete();
            read.ShouldBe(expected, $"{from:O}");
        }
    }

    [Fact]
    public async Task What_the_database_does_not_have_of_a_file_is_reported()
    {
        WriteIndexTrades(0, 100);
        await StoreAsync();
        await QueryAsync("DELETE FROM capture_part");
        (await FindAsync(["H0UPCNT0"], s_day)).ShouldHaveSingleItem();
        (await ItemsAsync(await OpenAsync(new CaptureReaderOptions()))).ShouldHaveSingleItem()
            .ShouldContain("is incomplete in the archive");
        WriteIndexTrades(70_000, 100);

        await StoreAsync();

        var items = await ItemsAsync(await OpenAsync(new CaptureReaderOptions()));
        items[0].ShouldContain("is incomplete in the archive");
        items.Count(item => item.Contains("|H0UPCNT0|", StringComparison.Ordinal)).ShouldBe(100);
        await ShouldHaveFilesAsync(Folder.Files.Skip(1));
    }

    [Fact]
    public async Task Without_a_schema_there_is_nothing_and_without_a_database_an_error_without_names()
    {
        (await FindAsync(["H0UPCNT0"], s_day)).ShouldBeEmpty();
        await using (var archive = new PostgreSqlArchive(Options))
            (await archive.DaysAsync(CancellationToken.None)).ShouldBeEmpty();
        await using var absent = new PostgreSqlArchive(
            Options with { ConnectionString = "Host=/nowhere/secret;Username=anna;Database=market" });

        var error = await Should.ThrowAsync<CaptureArchiveException>(absent.DaysAsync(CancellationToken.None));

        error.Message.ShouldBe("the database cannot be reached");
    }

    [Theory]
    [InlineData("SELECT drop_partitions('2026-11-21')")]
    [InlineData("DROP TABLE capture_part_20261120")]
    public async Task Dropped_days_are_not_in_the_archive(string sql)
    {
        WriteIndexTrades(0, 100);
        await StoreAsync();
        await using var archive = new PostgreSqlArchive(Options);
        (await archive.DaysAsync(CancellationToken.None)).ShouldBe([s_day]);

        await QueryAsync(sql);

        (await QueryAsync("SELECT count(*) FROM capture_part")).ShouldBe(["0"]);
        (await archive.DaysAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    private static async Task<List<string>> ItemsAsync(CaptureReader reader)
    {
        var items = new List<string>();
        await foreach (var item in reader.ReadItemsAsync())
        {
            items.Add(item.Problem?.Message ?? (item.IsFrame
                ? string.Create(CultureInfo.InvariantCulture, $"{item.At.UtcTicks} {Encoding.UTF8.GetString(item.Frame.Bytes.Span)}")
                : $"{item.Event}"));
        }

        return items;
    }

    private string NameOf(string path) => Path.GetRelativePath(Folder.Path, path).Replace('\\', '/');

    private async Task<IReadOnlyList<ArchivedFile>> FindAsync(string[] trIds, DateOnly last)
    {
        await using var archive = new PostgreSqlArchive(Options);
        return await archive.FindAsync(trIds, s_day, last, CancellationToken.None);
    }

    private async Task<CaptureReader> OpenAsync(CaptureReaderOptions options, string trId = "H0UPCNT0")
    {
        var archive = new PostgreSqlArchive(Options);
        var files = await archive.FindAsync([trId], s_day, s_day, CancellationToken.None);
        return CaptureReader.Open([], archive, files, options, CancellationToken.None);
    }
}
