using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using KisFeed.TestSupport;
using Npgsql;

namespace KisFeed.Benchmarks.Storing;

/// <summary><c>history</c>: how long queries take in a large database, and their plans.</summary>
internal sealed class HistoryCommand : Command, IHasExamples
{
    private const int Runs = 3;
    private const int MaxPlanLines = 24;
    private const int EndLines = 6;
    private const int BriefDays = 2;
    private const int BriefRows = 10_000;

    private readonly Option<int> _rows = new("--rows") { Description = "Number of records.", DefaultValueFactory = _ => 50_000_000 };
    private readonly Option<int> _days = new("--days") { Description = "Number of trading days.", DefaultValueFactory = _ => 21 };

    public HistoryCommand()
        : base("history", "Fills a database with records of some trading days, and shows how long queries take and their plans. "
            + "50 million need 20 GB and some ten minutes.")
    {
        Add(_rows);
        Add(_days);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
        [("history", "50 million records of 21 days"), ("history --rows 1000000 --days 3", "a small database")];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-history-");
        try
        {
            await using var server = await PostgresServer.StartAsync("max_wal_size=4GB");
            var history = new History(CopyWork.ConnectionStringOf(server), arguments.IsBrief() ? BriefDays : arguments.GetValue(_days));
            await history.FillAsync(
                Path.Combine(folder.FullName, "capture"),
                arguments.IsBrief() ? BriefRows : arguments.GetValue(_rows),
                Print,
                cancellationToken);
            await using var connection = await history.OpenAsync(cancellationToken);
            foreach (var (name, sql) in history.Queries)
                await ShowAsync(connection, name, sql, cancellationToken);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task ShowAsync(NpgsqlConnection connection, string name, string sql, CancellationToken cancellationToken)
    {
        Print($"\n## {name}\n{sql}\n");
        foreach (var jit in (string[])["on", "off"])
        {
            await ReadAsync(connection, $"SET jit = {jit}", cancellationToken);
            var rows = 0;
            var times = new List<string>();
            for (var run = 0; run < Runs; run++)
            {
                var startedAt = Stopwatch.GetTimestamp();
                rows = (await ReadAsync(connection, sql, cancellationToken)).Count;
                times.Add(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture));
            }

            Print(string.Create(CultureInfo.InvariantCulture, $"jit {jit}: {rows:N0} rows in {string.Join(", ", times)} ms"));
        }

        var plan = await ReadAsync(connection, $"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", cancellationToken);
        foreach (var line in plan.Take(MaxPlanLines).Concat(plan.Skip(MaxPlanLines).TakeLast(EndLines)))
            Print(line);
    }

    private static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    }

    private static void Print(string text) => Console.WriteLine(text);
}
