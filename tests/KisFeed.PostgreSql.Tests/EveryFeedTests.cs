using System.Globalization;
using System.Text;
using System.Text.Json;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tables;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.Testing;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Every value of every feed, in every known layout, is stored as it was received.</summary>
public sealed class EveryFeedTests(Database database) : SinkTest(database), IClassFixture<Database>
{
    private static readonly FeedTable[] s_tables = [.. FeedTable.AllOf(KisFeeds.Catalog)];

    [Fact]
    public async Task Every_value_of_every_feed_is_stored_as_received()
    {
        var expected = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var number = 0;
        using (var writer = Folder.Write())
        {
            foreach (var feed in KisFeeds.Catalog.Feeds)
            {
                foreach (var frame in GeneratedFrames.Of(feed, TestRun.Seed))
                {
                    writer.Write(feed.TrId, Encoding.UTF8.GetBytes(frame), Ticks.At(number));
                    Expect(feed, frame, number++, expected);
                }
            }

            writer.Close();
        }

        var status = await StoreAsync(options => options with { Notices = true });

        status.Records.ShouldBe(expected.Values.Sum(rows => rows.Count));
        status.Malformed.ShouldBe(0);
        status.Failures.ShouldBe(0);
        foreach (var table in s_tables)
        {
            var rows = await QueryAsync($"SELECT row_to_json(t) FROM {table.Name} t ORDER BY id, record");
            rows.Select(Normalize).ShouldBe(expected[table.Name], table.Name);
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

        const string Columns = "SELECT attname::text, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = '{0}'::regclass AND attnum > 0 ORDER BY attnum LIMIT {1}";
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
        (await QueryAsync("SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'stock_order_book'::regclass AND attname IN ('asks_price', 'asks_quantity', 'bids_price', 'bids_quantity') ORDER BY 1")).ShouldBe(
            ["asks_price|numeric[]", "asks_quantity|bigint[]", "bids_price|numeric[]", "bids_quantity|bigint[]"]);
        (await QueryAsync("SELECT obj_description('stock_trade'::regclass)")).Single().ShouldContain("(H0UNCNT0)");
        (await QueryAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'index_program_trade'::regclass AND attname = 'arbitrage_net_volume'")).ShouldBe(["1"]);
        (await QueryAsync("SELECT count(*) FROM stock_trade_20261120")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task No_name_of_a_table_or_a_column_needs_quotes()
    {
        var names = s_tables.SelectMany(table => table.Columns.Select(column => column.Name).Append(table.Name)).Distinct(StringComparer.Ordinal).ToList();

        names.ShouldAllBe(name => name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && char.IsAsciiLetterLower(name[0]));
        names.ShouldNotContain(name => name.Length > 50);
        (await QueryAsync("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")).Intersect(names, StringComparer.Ordinal).ShouldBeEmpty();
    }

    private static void Expect(FeedSchema feed, string text, int number, Dictionary<string, List<string>> expected)
    {
        var table = s_tables.Single(table => table.Feeds.Contains(feed.TrId, StringComparer.Ordinal));
        if (!expected.TryGetValue(table.Name, out var rows))
            expected.Add(table.Name, rows = []);
        DataFrame.TryParse(Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var fields = Encoding.UTF8.GetString(frame.Payload).Split('^');
        for (var record = 0; record < frame.Count; record++)
        {
            var own = fields[(record * shape.Width)..((record + 1) * shape.Width)];
            var at = Ticks.At(number);
            var values = new List<string>
            {
                $"id={at.UtcTicks - DateTime.UnixEpoch.Ticks}",
                $"received_at={at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFF}+00:00",
                "trading_day=2026-11-20",
                $"record={record + 1}",
                $"feed={feed.TrId}",
                $"key={own[shape.Layout.PositionOf(feed.KeyColumn)].Trim()}",
                $"extra={(shape.IsUnknownWidth ? "[new 값,null]" : "null")}",
            };
            foreach (var column in table.Columns)
            {
                var texts = column.Sources.Select(source => shape.Layout.PositionOf(source) is >= 0 and var position ? own[position].Trim() : null).ToList();
                values.Add($"{column.Name}={(column.IsArray ? ArrayOf(texts, column.Type) : Value(texts[0], column.Type))}");
            }

            rows.Add(string.Join('\n', values));
        }
    }

    private static string ArrayOf(List<string?> texts, ColumnType type)
    {
        var length = texts.FindLastIndex(text => text is not null) + 1;
        return length == 0 ? "null" : $"[{string.Join(',', texts.Take(length).Select(text => Value(text, type)))}]";
    }

    // Independent of the code that is tested.
    private static string Value(string? text, ColumnType type)
    {
        if (text is null or "" or "(null)" || (text.EndsWith("nan", StringComparison.Ordinal) && type is not (ColumnType.Text or ColumnType.Code)))
            return "null";
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            ColumnType.Integer => ((long)decimal.Parse(text, invariant)).ToString(invariant),
            ColumnType.Decimal => decimal.Parse(text, invariant) is var number && number == 0 ? Math.Abs(number).ToString(invariant) : number.ToString(invariant),
            ColumnType.Time => $"{text[..2]}:{text[2..4]}:{text[4..]}",
            ColumnType.Date => text.All(c => c == '0') ? "null" : $"{text[..4]}-{text[4..6]}-{text[6..]}",
            _ => text,
        };
    }

    private static string Normalize(string row)
    {
        using var json = JsonDocument.Parse(row);
        return string.Join('\n', json.RootElement.EnumerateObject().Select(member => $"{member.Name}={Text(member.Value)}"));

        static string Text(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Text))}]",
            _ => value.GetRawText(),
        };
    }
}
