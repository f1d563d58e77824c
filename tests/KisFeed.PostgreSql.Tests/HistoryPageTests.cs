using KisFeed.TestSupport;
using System.Text;
using System.Text.RegularExpressions;
using KisFeed.Capture.Tests;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.Simulator.Market;
using Npgsql;

namespace KisFeed.PostgreSql.Tests;

/// <summary>The statements of docs/history.md work as shown: the roles, and the queries.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed partial class HistoryPageTests(Database database) : SinkTest(database)
{
    private static readonly string[] s_sql = [.. SqlBlocks()
        .Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "history.md")))
        .Select(match => match.Groups["text"].Value)];

    [Fact]
    public async Task The_writer_cannot_drop_and_the_reader_cannot_write()
    {
        var (owner, writer, reader) = (Database.ConnectionStringFor("kisfeed_owner"), Database.ConnectionStringFor("kisfeed_writer"),
            Database.ConnectionStringFor("kisfeed_reader"));
        await Database.QueryAsync(s_sql.Single(sql => sql.Contains("CREATE ROLE", StringComparison.Ordinal)));
        await PostgreSqlSchema.UpdateAsync(owner);
        await Database.QueryAsync(owner, s_sql.Single(sql => sql.Contains("GRANT UPDATE", StringComparison.Ordinal)));
        WriteMarket();

        // Tables, columns and partitions are created for the writer.
        var status = await StoreAsync(options => options with { ConnectionString = writer, Schema = "kisfeed", KeepDays = 1000 });
        status.Records.ShouldBeGreaterThan(100);
        status.Problem.ShouldNotBeNull().ShouldStartWith("days before");
        await PostgreSqlSchema.UpdateAsync(owner);
        (await StoreAsync(options => options with { ConnectionString = owner, Schema = "kisfeed", KeepDays = 1000 })).Problem
            .ShouldBeNull();

        foreach (var sql in (string[])
        [
            "DROP TABLE kisfeed.stock_trade",
            "DROP TABLE kisfeed.stock_trade_20261120",
            "DROP SCHEMA kisfeed CASCADE",
            "TRUNCATE kisfeed.stock_trade",
            "DELETE FROM kisfeed.stock_trade",
            "DELETE FROM kisfeed.gap",
            "UPDATE kisfeed.stock_trade SET price = 0",
            "ALTER TABLE kisfeed.stock_trade DROP COLUMN price",
            "SELECT kisfeed.drop_partitions('2030-01-01')",
            "CREATE TABLE kisfeed.mine (x int)",
            "SELECT kisfeed.add_columns('stock_trade', ARRAY['x'], ARRAY['int; DROP TABLE kisfeed.stock_trade'], ARRAY[''])",
            "SELECT kisfeed.create_record_table('x; DROP TABLE kisfeed.gap', '')",
        ])
        {
            (await Should.ThrowAsync<PostgresException>(Database.QueryAsync(writer, sql), sql)).SqlState.ShouldBeOneOf("42501", "P0001");
        }

        (await Database.QueryAsync(reader, "SELECT count(*) > 0 FROM kisfeed.stock_trade")).ShouldBe(["True"]);
        (await Database.QueryAsync(reader, "SELECT count(*) > 0 FROM kisfeed.stock_trade_minute")).ShouldBe(["True"]);
        foreach (var sql in (string[])
        [
            "INSERT INTO kisfeed.gap (trading_day, feed, key, event, file, position, line) VALUES ('2026-11-20', '', '', '', '', 0, 0)",
            "UPDATE kisfeed.checkpoint SET position = 0",
            "DELETE FROM kisfeed.stock_trade",
            "TRUNCATE kisfeed.stock_trade",
            "DROP TABLE kisfeed.stock_trade",
            "SELECT kisfeed.create_partition('stock_trade', '2030-01-01')",
            "SELECT kisfeed.add_columns('stock_trade', ARRAY['x'], ARRAY['text'], ARRAY[''])",
        ])
        {
            (await Should.ThrowAsync<PostgresException>(Database.QueryAsync(reader, sql), sql)).SqlState.ShouldBe("42501", sql);
        }

        foreach (var sql in s_sql.Where(
            sql => sql.StartsWith("SELECT", StringComparison.Ordinal) && !sql.Contains("drop_partitions", StringComparison.Ordinal)))
        {
            (await Database.QueryAsync(reader, sql)).ShouldNotBeEmpty(sql);
        }
        (await Database.QueryAsync(owner, s_sql.Single(sql => sql.Contains("drop_partitions", StringComparison.Ordinal)))).ShouldBe(["0"]);
    }

    private void WriteMarket()
    {
        using var writer = Folder.Write();
        var market = new KoreanMarket(new MarketOptions { Step = TimeSpan.FromMilliseconds(500) });
        var number = 0;
        foreach (var (trId, key) in ((string, string)[])[("H0UNCNT0", "005930"), ("H0UPCNT0", "0001"), ("H0UNPGM0", "005930"), ("H0UNASP0",
            "005930")])
        {
            var stream = market.Open(trId, key);
            for (var i = 0; i < 60; i++)
            {
                market.TryStep(new RecordSink(
                    (_, record) => writer.Write(trId, Encoding.UTF8.GetBytes($"0|{trId}|001|{record}"), Ticks.At(number++))));
            }
            market.Close(stream);
        }

        writer.Close();
    }

    [GeneratedRegex("```sql\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5_000)]
    private static partial Regex SqlBlocks();
}
