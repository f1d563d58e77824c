using System.Globalization;
using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Every value of every feed, in every known layout, is stored as it was received.</summary>
[Collection(nameof(Database))]
public sealed class EveryFeedTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task Every_value_of_every_feed_is_stored_as_received()
    {
        var expected = new ExpectedRows();
        var number = 0;
        using (var writer = Folder.Write())
        {
            foreach (var feed in KisFeeds.Catalog.Feeds)
            {
                foreach (var frame in GeneratedFrames.Of(feed, TestRun.Seed))
                {
                    writer.Write(feed.TrId, Encoding.UTF8.GetBytes(frame), Ticks.At(number));
                    expected.Add(feed, frame, Ticks.At(number++));
                }
            }

            writer.Close();
        }

        var status = await StoreAsync(options => options with { Notices = true });

        status.Records.ShouldBe(expected.Count);
        status.Malformed.ShouldBe(0);
        status.Failures.ShouldBe(0);
        foreach (var table in ExpectedRows.Tables)
        {
            var rows = await QueryAsync($"SELECT row_to_json(t) FROM {table.Name} t ORDER BY id, record");
            rows.Select(ExpectedRows.Normalize).ShouldBe(expected[table.Name], table.Name);
        }
    }

    [Fact]
    public async Task Columns_have_the_documented_names_types_and_comments()
    {
        using (var writer = Folder.Write())
        {
            foreach (var trId in (string[])["H0UNCNT0", "H0UNASP0", "H0UPPGM0"])
            {
                KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
                writer.Write(trId, Encoding.UTF8.GetBytes(GeneratedFrames.Of(feed!, 1).First()), Ticks.At(1));
            }

            writer.Close();
        }

        await StoreAsync();

        const string Columns = "SELECT attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) "
            + "FROM pg_attribute WHERE attrelid = '{0}'::regclass AND attnum > 0 ORDER BY attnum LIMIT {1}";
        (await QueryAsync(string.Format(CultureInfo.InvariantCulture, Columns, "stock_trade", 10))).ShouldBe(
        [
            "id|bigint|When the frame was received, in units of 100 ns since 1970 (UTC); identifies the frame",
            "received_at|timestamp with time zone|When the frame was received",
            "trading_day|date|The day of receipt in Korea; selects the partition",
            "record|smallint|The number of the record in its frame, from 1",
            "feed|text|The TR ID",
            "key|text|The key within the feed (tr_key), e.g. the code of the stock",
            "extra|text[]|Columns that the broker has appended and that have no name yet",
            "time|time without time zone|주식 체결 시간 (STCK_CNTG_HOUR)",
            "price|numeric|주식 현재가 (STCK_PRPR), KRW",
            "sign|text|전일 대비 부호 (PRDY_VRSS_SIGN)",
        ]);
        (await QueryAsync("SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute "
            + "WHERE attrelid = 'stock_order_book'::regclass AND attname IN ('asks_price', 'asks_quantity', "
            + "'bids_price', 'bids_quantity') ORDER BY 1")).ShouldBe(
            ["asks_price|numeric[]", "asks_quantity|bigint[]", "bids_price|numeric[]", "bids_quantity|bigint[]"]);
        (await QueryAsync("SELECT obj_description('stock_trade'::regclass)")).Single().ShouldContain("(H0UNCNT0)");
        (await QueryAsync(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'index_program_trade'::regclass AND attname = 'arbitrage_net_volume'"))
            .ShouldBe(["1"]);
        (await QueryAsync("SELECT count(*) FROM stock_trade_20261120")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task No_name_of_a_table_or_a_column_needs_quotes()
    {
        var names = ExpectedRows.Tables.SelectMany(table => table.Columns.Select(column => column.Name).Append(table.Name))
            .Distinct(StringComparer.Ordinal)
            .ToList();

        names.ShouldAllBe(
            name => name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && char.IsAsciiLetterLower(name[0]));
        names.ShouldNotContain(name => name.Length > 50);
        (await QueryAsync("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")).Intersect(names, StringComparer.Ordinal)
            .ShouldBeEmpty();
    }
}
