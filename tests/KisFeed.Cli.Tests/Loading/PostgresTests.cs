using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>PostgreSQL contains the exported data after loading them as in docs/export.md.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Postgres))]
public sealed class PostgresTests(ExportedDay day, Postgres postgres) : IClassFixture<ExportedDay>
{
    private const string Receipt = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const int ReceiptLength = 28;

    public static TheoryData<string> Feeds => ExportedDay.Feeds;

    [Theory]
    [MemberData(nameof(Feeds))]
    public async Task Every_value_of_a_feed_is_loaded_as_exported(string trId)
    {
        var columns = await LoadAsync(trId, "everything");

        // Compares the values that PostgreSQL writes: numbers keep their scale, times of day have no colons.
        var values = string.Join(", ", columns.Select(column => column switch
        {
            { Type: "timestamp with time zone", Name: "received_at" } =>
                """to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"')""",
            { Type: "timestamp with time zone" } =>
                $"""to_char({column.Name} AT TIME ZONE 'Asia/Seoul', 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"')""",
            { Type: "time without time zone" } => $"to_char({column.Name}, 'HH24MISS')",
            { Type: "date" } => $"to_char({column.Name}, 'YYYYMMDD')",
            _ => $"{column.Name}::text",
        }));
        var rows = await postgres.QueryAsync($"""
            SET search_path = everything;
            COPY (SELECT {values} FROM {trId.ToLowerInvariant()}) TO STDOUT WITH (FORMAT csv)
            """);

        // Tables have no order.
        var exported = day.Rows(trId).Select(row => $"{Microseconds(row[..ReceiptLength])}{row[ReceiptLength..]}")
            .Order(StringComparer.Ordinal).ToArray();
        rows.Length.ShouldBe(exported.Length);
        rows.Length.ShouldBeGreaterThanOrEqualTo(50);
        foreach (var (row, expected) in rows.Order(StringComparer.Ordinal).Zip(exported))
            row.ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Feeds))]
    public async Task Columns_have_the_documented_types(string trId)
    {
        var columns = await LoadAsync(trId, "types");

        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var expected = new Dictionary<ColumnType, string>
        {
            [ColumnType.Integer] = "bigint",
            [ColumnType.Decimal] = "numeric",
            [ColumnType.Time] = "time without time zone",
            [ColumnType.Date] = "date",
            [ColumnType.Text] = "text",
            [ColumnType.Code] = "text",
        };
        columns[..6].Select(c => c.Type)
            .ShouldBe(["timestamp with time zone", "timestamp with time zone", "text", "text", "integer", "integer"]);
        columns[^1].ShouldBe(("extra", "text"));
        var types = feed.PresentColumns.Select(c => expected[feed.Columns[c].Type]);
        columns[6..^1].Select(c => c.Type).ShouldBe(feed.HasScaledPrices ? types.Append("bigint") : types);
        columns.Count.ShouldBe(day.Header(trId).Length);
    }

    [Theory]
    [InlineData("H0UPCNT0")]
    [InlineData("H0BJCNT0")]
    public async Task The_volumes_of_all_trades_add_up_to_the_growth_of_the_cumulative_volume(string trId)
    {
        await LoadAsync(trId, "sums");

        var rows = await postgres.QueryAsync(
            ExportPage.VolumeQuery.Replace("h0upcnt0", $"sums.{trId.ToLowerInvariant()}", StringComparison.Ordinal));

        rows.Length.ShouldBeGreaterThan(1);
        foreach (var row in rows.Select(row => row.Split('|')))
        {
            row[1].ShouldBe(row[2], $"{trId} {row[0]}");
            long.Parse(row[1], CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        }
    }

    [Theory]
    [InlineData("trade-krx", "H0STCNT0")]
    [InlineData("expected", "H0UNANC0")]
    [InlineData("futures", "H0IFCNT0")]
    [InlineData("us", "HDFSCNT0")]
    [InlineData("overseas-futures", "HDFFF020")]
    public async Task Every_kind_of_feed_with_prices_has_bars(string feed, string trId)
    {
        var run = await CommandRun.OfAsync("bars", day.Capture, "--feed", feed, "--format", "csv");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.Length.ShouldBeGreaterThan(1, run.Error);
        run.Lines[1].ShouldStartWith($"{trId},");
    }

    [Theory]
    [InlineData("book-krx")]
    [InlineData("members-krx")]
    [InlineData("nav")]
    public async Task A_feed_without_prices_or_times_has_no_bars(string feed)
    {
        (await CommandRun.OfAsync("bars", day.Capture, "--feed", feed)).ShouldFail(ExitCode.Usage, "no time, or neither a price");
    }

    [Fact]
    public async Task A_record_cannot_be_loaded_twice_and_a_day_can_be_replaced()
    {
        await LoadAsync("H0UPCNT0", "twice");
        var copy = $@"\copy twice.h0upcnt0 FROM '{day.Csv("H0UPCNT0")}' WITH (FORMAT csv, HEADER true)";
        const string Count = "SELECT count(*) FROM twice.h0upcnt0";
        var loaded = await postgres.QueryAsync(Count);

        (await Should.ThrowAsync<InvalidOperationException>(() => postgres.QueryAsync(copy))).Message.ShouldContain("duplicate key");
        (await postgres.QueryAsync(Count)).ShouldBe(loaded);
        await postgres.QueryAsync("BEGIN; DELETE FROM twice.h0upcnt0 WHERE received_at >= '2026-11-20 00:00+09' "
            + $"AND received_at < '2026-11-21 00:00+09';\n{copy}\nCOMMIT;");
        (await postgres.QueryAsync(Count)).ShouldBe(loaded);
    }

    [Fact]
    public async Task Frames_of_the_same_microsecond_are_different_records()
    {
        using var ticks = new CapturedTicks(writer =>
        {
            foreach (var tick in (long[])[0, 0, 4, 5, 6, 9, 10, 15, 15, 40])
                writer.Write("H0UPCNT0", CapturedTicks.Index("090000", "2600.10", 1, 1), CapturedTicks.Opening.AddTicks(tick));
        });
        (await CommandRun.OfAsync("export", ticks.Path, "--out", ticks.Out("H0UPCNT0.csv"))).ExitCode.ShouldBe(ExitCode.Success);
        var table = await CommandRun.OfAsync("feeds", "H0UPCNT0", "--format", "sql");

        await postgres.QueryAsync($"CREATE SCHEMA micro; SET search_path = micro;\n{table.Output}\n\\copy h0upcnt0 "
            + $"FROM '{ticks.Out("H0UPCNT0.csv")}' WITH (FORMAT csv, HEADER true)");

        (await postgres.QueryAsync("SELECT count(*) FROM micro.h0upcnt0")).ShouldBe(["10"]);
        (await postgres.QueryAsync("SELECT frame FROM micro.h0upcnt0 ORDER BY received_at DESC, frame DESC LIMIT 2")).ShouldBe(["1", "9"]);
    }

    [Theory]
    [InlineData("english")]
    [InlineData("kis")]
    public async Task The_tables_of_all_feeds_can_be_created_at_once(string names)
    {
        var sql = await CommandRun.OfAsync("feeds", "--format", "sql", "--names", names);
        await postgres.QueryAsync(
            $"DROP SCHEMA IF EXISTS {names} CASCADE; CREATE SCHEMA {names}; SET search_path = {names};\n{sql.Output}");

        var tables = await postgres.QueryAsync($"SELECT table_name FROM information_schema.tables WHERE table_schema = '{names}'");

        tables.Order(StringComparer.Ordinal)
            .ShouldBe(KisFeeds.Catalog.Feeds.Select(f => f.TrId.ToLowerInvariant()).Order(StringComparer.Ordinal));
    }

    // The resolution of PostgreSQL.
    private static string Microseconds(string receivedAt)
    {
        var at = DateTime.ParseExact(receivedAt, Receipt, CultureInfo.InvariantCulture);
        return new DateTime((long)Math.Round(at.Ticks / 10m) * 10).ToString(Receipt, CultureInfo.InvariantCulture);
    }

    private async Task<List<(string Name, string Type)>> LoadAsync(string trId, string schema)
    {
        var table = trId.ToLowerInvariant();
        var sql = await CommandRun.OfAsync("feeds", trId, "--format", "sql");
        sql.ExitCode.ShouldBe(ExitCode.Success);
        var copy = sql.Lines.Single(line => line.StartsWith(@"-- \copy", StringComparison.Ordinal))[3..]
            .Replace($"{trId}.csv", day.Csv(trId), StringComparison.Ordinal);
        var columns = await postgres.QueryAsync($"""
            SET client_min_messages = error;
            CREATE SCHEMA IF NOT EXISTS {schema};
            SET search_path = {schema};
            DROP TABLE IF EXISTS {table};
            {sql.Output}
            {copy}
            SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = '{table}'
                ORDER BY ordinal_position;
            """);
        return [.. columns.Select(row => row.Split('|')).Select(row => (row[0], row[1]))];
    }
}
