using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>The broker appends columns, and the tables follow.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class LayoutTests(Database database) : SinkTest(database)
{
    private const string File = """{ "layouts": [ { "trId": "H0UPCNT0", "append": [ { "element": "NEW_CLS", "korean": "새 """
        + """구분", "name": "NewClass", "type": "decimal", "unit": "KRW" } ] } ] }""";

    [Fact]
    public async Task A_column_appended_at_noon_is_stored_without_a_name_and_then_with_one()
    {
        using var writer = Folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(0), Ticks.At(0));
        writer.Flush();
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true });
        await UntilStoredAsync(sink, 1);
        writer.Write("H0UPCNT0", Appended(1), Ticks.At(1));
        writer.Flush();
        await UntilStoredAsync(sink, 2);

        sink.SetCatalog(KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Encoding.UTF8.GetBytes(File))));
        writer.Write("H0UPCNT0", Appended(2), Ticks.At(2));
        writer.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
        writer.Close();
        await UntilStoredAsync(sink, 4);

        (await QueryAsync("SELECT accumulated_volume, array_to_string(extra, ','), new_class FROM index_trade ORDER BY id"))
            .ShouldBe(["0||", "1|7.50|", "2||7.50", "3||"]);
        (await QueryAsync("SELECT col_description('index_trade'::regclass, attnum) FROM pg_attribute "
            + "WHERE attrelid = 'index_trade'::regclass AND attname = 'new_class'")).ShouldBe(["새 구분 (NEW_CLS), KRW"]);
        (await QueryAsync("SELECT accumulated_volume, new_class FROM index_trade_last")).ShouldBe(["3|"]);
        sink.Status.Failures.ShouldBe(0);
    }

    [Fact]
    public async Task A_new_catalog_adds_its_columns_at_the_start()
    {
        WriteIndexTrades(0, 10);
        await StoreAsync();

        await StoreAsync(
            options => options with { Catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Encoding.UTF8.GetBytes(File))) });

        (await QueryAsync("SELECT count(*), count(new_class) FROM index_trade")).ShouldBe(["10|0"]);
    }

    [Fact]
    public async Task A_column_of_another_type_is_an_error_that_names_it()
    {
        WriteIndexTrades(0, 10);
        await StoreAsync();
        await QueryAsync("ALTER TABLE index_trade ADD COLUMN new_class text");

        var error = await Should.ThrowAsync<PostgreSqlSinkException>(
            StoreAsync(options => options with { Catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Encoding.UTF8.GetBytes(File))) }));

        error.Message.ShouldBe($"the column new_class of {Schema}.index_trade has the type text, not numeric: change its type, "
            + "or rename it and a new one will be created");
    }

    [Fact]
    public async Task A_feed_of_a_layout_file_has_a_table()
    {
        using (var writer = Folder.Write())
        {
            writer.Write("H0RICNT0", "0|H0RICNT0|001|R01^12.50"u8, Ticks.At(0));
            writer.Close();
        }

        (await Should.ThrowAsync<PostgreSqlSinkException>(StoreAsync())).Message
            .ShouldStartWith("the files of H0RICNT0 are not stored, because the feed is unknown");
        Log.Messages.ShouldContain(message => message.Id == 2209);
        var catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(
            """{ "layouts": [ { "trId": "H0RICNT0", "columns": [ "CODE", { "element": "PRICE", "type": "decimal" } ] } ] }"""u8.ToArray()));
        await StoreAsync(options => options with { Catalog = catalog });

        (await QueryAsync("SELECT feed, key, price FROM h0ricnt0")).ShouldBe(["H0RICNT0|R01|12.50"]);
    }

    [Fact]
    public async Task A_table_or_partition_that_somebody_drops_is_created_again()
    {
        WriteIndexTrades(0, 10);
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true });
        await UntilStoredAsync(sink, 10);
        await QueryAsync("DROP TABLE index_trade_20261120");
        WriteIndexTrades(10, 10);
        await UntilStoredAsync(sink, 20);
        await QueryAsync("DROP TABLE index_trade CASCADE");
        WriteIndexTrades(20, 10);
        await UntilStoredAsync(sink, 30);

        (await QueryAsync("SELECT min(accumulated_volume), count(*) FROM index_trade")).ShouldBe(["20|10"]);
    }

    private static byte[] Appended(int number) => [.. Ticks.Index(number), .. "^7.50"u8];

    private static Task UntilStoredAsync(PostgreSqlSink sink, int count) =>
        Patience.UntilAsync(() => sink.Status.Feeds is [var feed] && feed.Records >= count);
}
