using System.Diagnostics;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Benchmarks.Capture;
using KisFeed.PostgreSql;
using Npgsql;

namespace KisFeed.Benchmarks.Storing;

/// <summary>
/// Records of many trading days: one day of a simulated market, stored by the sink from a capture, and copies of its rows on the weekdays
/// before, in tables and partitions that the functions of the schema create.
/// </summary>
internal sealed class History(string connectionString, int days)
{
    private const int Stocks = 1_000;
    private const double RecordsOfAFrame = 1.33;
    private const int Writers = 2;

    private static readonly DateOnly s_day = new(2026, 11, 20);
    private static readonly string[] s_stocks =
        [.. Enumerable.Range(1, Stocks).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 10:D6}"))];
    private static readonly string[] s_tables = ["stock_trade", "program_trade", "index_trade"];

    /// <summary>Queries that people ask.</summary>
    public IEnumerable<(string Name, string Sql)> Queries
    {
        get
        {
            var copied = Weekdays().First();
            var stocks = string.Join(", ", s_stocks.Take(30).Select(stock => $"'{stock}'"));
            yield return ("A day's bars of a minute of 30 stocks",
                "SELECT key, minute, open, high, low, close, volume FROM kisfeed.stock_trade_minute "
                    + $"WHERE trading_day = '{copied:yyyy-MM-dd}' AND feed = 'H0UNCNT0' AND key IN ({stocks}) ORDER BY key, minute");
            yield return ("The last value of everything",
                string.Join(" UNION ALL ", s_tables.Select(table => "SELECT feed, key, received_at, "
                    + $"{(table == "program_trade" ? "net_value" : "price")} FROM kisfeed.{table}_last")));
            yield return ("Program trading of the month, by stock",
                "SELECT key, sum(net_volume) AS net_volume, sum(net_value) AS net_value, count(*) AS days "
                    + $"FROM kisfeed.program_trade_daily WHERE trading_day BETWEEN '{Weekdays().Last():yyyy-MM-dd}' "
                    + $"AND '{s_day:yyyy-MM-dd}' AND feed = 'H0UNPGM0' GROUP BY key ORDER BY net_value DESC");
            yield return ("The close of a stock on each day",
                "SELECT trading_day, price, accumulated_volume FROM kisfeed.stock_trade_daily WHERE feed = 'H0UNCNT0' "
                    + $"AND key = '{s_stocks[0]}' ORDER BY trading_day");
        }
    }

    public async Task FillAsync(string folder, int rows, Action<string> report, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var keys = s_stocks.SelectMany(stock => ((string, string)[])[("H0UNCNT0", stock), ("H0UNPGM0", stock)])
            .Concat([("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0UPCNT0", "2001")]);
        using (var writer = new CaptureWriter(new CaptureWriterOptions { Directory = folder, FlushToDisk = false }))
            new CapturedDay(writer, (long)(rows / days / RecordsOfAFrame), seed: 1, keys).Write();
        var written = Stopwatch.GetElapsedTime(startedAt);
        await using (var sink = PostgreSqlSink.Start(
            new PostgreSqlSinkOptions { ConnectionString = connectionString, Directory = folder, Follow = false }))
        {
            await sink.Completion;
            var stored = Stopwatch.GetElapsedTime(startedAt) - written;
            report(string.Create(CultureInfo.InvariantCulture, $"{s_day:yyyy-MM-dd}: {sink.Status.Records:N0} records, written as a "
                + $"capture in {written.TotalSeconds:0} s, stored by the sink in {stored.TotalSeconds:0} s"));
        }

        startedAt = Stopwatch.GetTimestamp();
        await CreatePartitionsAsync(cancellationToken);
        await Parallel.ForEachAsync(
            Weekdays(),
            new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
            async (day, token) => await CopyDayAsync(day, token));
        report(string.Create(
            CultureInfo.InvariantCulture,
            $"the rows of {days - 1} days copied within the database in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:0} s"));
        await using var connection = await OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "ANALYZE", cancellationToken);
        foreach (var table in s_tables)
        {
            await using var command = new NpgsqlCommand("SELECT count(*), pg_size_pretty(sum(pg_relation_size(c.oid))), "
                + "pg_size_pretty(sum(pg_indexes_size(c.oid))), (SELECT sum(reltuples)::bigint FROM pg_class "
                + $"WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'kisfeed.{table}'::regclass)) FROM pg_inherits i "
                + $"JOIN pg_class c ON c.oid = i.inhrelid WHERE inhparent = 'kisfeed.{table}'::regclass", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            report(string.Create(CultureInfo.InvariantCulture, $"{table}: about {reader.GetInt64(3):N0} rows in {reader.GetInt64(0)} "
                + $"partitions, {reader.GetString(1)}, indexes {reader.GetString(2)}"));
        }
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // The latest first.
    private IEnumerable<DateOnly> Weekdays() =>
        Enumerable.Range(1, days * 2).Select(i => s_day.AddDays(-i))
            .Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(days - 1);

    private async Task CreatePartitionsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        foreach (var day in Weekdays())
        {
            foreach (var table in s_tables)
                await ExecuteAsync(connection, $"SELECT kisfeed.create_partition('{table}', '{day:yyyy-MM-dd}')", cancellationToken);
        }
    }

    private async Task CopyDayAsync(DateOnly day, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var shift = s_day.DayNumber - day.DayNumber;
        var ticks = shift * TimeSpan.TicksPerDay;
        foreach (var table in s_tables)
        {
            // The rest of a row is as it is.
            await using var query = new NpgsqlCommand("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
                + $"WHERE attrelid = 'kisfeed.{table}'::regclass AND attnum > 3 AND NOT attisdropped", connection);
            var columns = (string)(await query.ExecuteScalarAsync(cancellationToken))!;
            await ExecuteAsync(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"""
                    INSERT INTO kisfeed.{table} (id, received_at, trading_day, {columns})
                        SELECT id - {ticks}, received_at - interval '{shift} days', '{day:yyyy-MM-dd}', {columns}
                        FROM kisfeed.{table}_{s_day:yyyyMMdd}
                    """),
                cancellationToken);
        }

        await ExecuteAsync(
            connection,
            string.Create(CultureInfo.InvariantCulture, $"INSERT INTO kisfeed.key_day SELECT record_table, feed, key, '{day:yyyy-MM-dd}', "
                + $"first_id - {ticks}, last_id - {ticks}, last_record FROM kisfeed.key_day WHERE trading_day = '{s_day:yyyy-MM-dd}'"),
            cancellationToken);
    }
}
