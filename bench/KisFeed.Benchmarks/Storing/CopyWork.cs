using System.Diagnostics;
using System.Globalization;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Capture;
using KisFeed.Benchmarks.Capture;
using KisFeed.PostgreSql;
using KisFeed.TestSupport;
using Npgsql;
using Npgsql.Schema;
using NpgsqlTypes;

namespace KisFeed.Benchmarks.Storing;

/// <summary>
/// The same rows, of records and of the files themselves, stored by the sink from a capture, and by programs that have them in memory. All
/// tables are emptied before each round.
/// </summary>
internal sealed class CopyWork
{
    public const string Rate = "records a second";

    private const string PartTable = "capture_part";

    private readonly PostgresServer _server;
    private readonly string _folder;
    private readonly string _connectionString;
    private readonly List<TableCopy> _tables = []; // The last one has the parts of the files.
    private (long Records, long FileBytes) _stored;

    private CopyWork(PostgresServer server, string folder)
    {
        _server = server;
        _folder = folder;
        _connectionString = ConnectionStringOf(server);
    }

    /// <summary>The number of records.</summary>
    public int Records => _tables.SkipLast(1).Sum(table => table.Values.Count);

    /// <summary>The bytes of the rows, and those of the files among them, as <c>COPY</c> sends them.</summary>
    public (long All, long Files) Bytes => (_tables.Sum(table => (long)table.Bytes.Length), _tables[^1].Bytes.Length);

    public static string ConnectionStringOf(PostgresServer server) =>
        $"Host={server.Host};Database={PostgresServer.Name};Username={PostgresServer.Name};Pooling=false";

    /// <summary>Writes a capture, stores it once, and reads the stored rows into memory.</summary>
    public static async Task<CopyWork> PrepareAsync(PostgresServer server, string folder, int frames, CancellationToken cancellationToken)
    {
        using (var writer = new CaptureWriter(new CaptureWriterOptions { Directory = folder, FlushToDisk = false }))
            new CapturedDay(writer, frames, seed: 1).Write();
        var work = new CopyWork(server, folder);
        await work.SinkAsync();
        await using var connection = await work.OpenAsync(cancellationToken);
        var names = new List<string>();
        await using (var query = new NpgsqlCommand("SELECT DISTINCT record_table FROM kisfeed.key_day ORDER BY 1", connection))
        await using (var reader = await query.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                names.Add(reader.GetString(0));
        }

        foreach (var name in names.Append(PartTable))
            work._tables.Add(await TableCopy.ReadAsync(connection, $"kisfeed.{name}", cancellationToken));
        work._stored = await work.StoredAsync();
        return work;
    }

    /// <summary>The prepared bytes of <c>COPY</c> are sent: what any program must do at least.</summary>
    public Task<IReadOnlyList<Figure>> CopyBytesAsync(CancellationToken cancellationToken) => MeasureAsync(
        async connection =>
        {
            foreach (var table in _tables)
            {
                await using var copy = await connection.BeginRawBinaryCopyAsync(
                    $"COPY {table.Name} FROM STDIN (FORMAT binary)", cancellationToken);
                await copy.WriteAsync(table.Bytes, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>Values in memory are written with the importer of Npgsql.</summary>
    public Task<IReadOnlyList<Figure>> CopyValuesAsync(CancellationToken cancellationToken) => MeasureAsync(
        async connection =>
        {
            foreach (var table in _tables)
            {
                await using var importer = await connection.BeginBinaryImportAsync(
                    $"COPY {table.Name} FROM STDIN (FORMAT binary)", cancellationToken);
                foreach (var row in table.Values)
                {
                    await importer.StartRowAsync(cancellationToken);
                    for (var i = 0; i < row.Length; i++)
                    {
                        if (row[i] is { } value)
                            await importer.WriteAsync(value, table.Types[i], cancellationToken);
                        else
                            await importer.WriteNullAsync(cancellationToken);
                    }
                }

                await importer.CompleteAsync(cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>The sink reads, checks and converts the capture, and stores it with its positions.</summary>
    public Task<IReadOnlyList<Figure>> StoreAsync(CancellationToken cancellationToken) =>
        MeasureAsync(async _ => await SinkAsync(), cancellationToken);

    private async Task SinkAsync()
    {
        await using var sink = PostgreSqlSink.Start(
            new PostgreSqlSinkOptions { ConnectionString = _connectionString, Directory = _folder, Follow = false });
        await sink.Completion;
    }

    private async Task<IReadOnlyList<Figure>> MeasureAsync(Func<NpgsqlConnection, Task> storeAsync, CancellationToken cancellationToken)
    {
        await _server.QueryAsync($"TRUNCATE {string.Join(", ", _tables.Select(table => table.Name))}, kisfeed.checkpoint, "
            + "kisfeed.key_day, kisfeed.gap; CHECKPOINT");
        GC.Collect();
        var (startedAt, own, other) =
            (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, PostgresProcesses.ProcessorTime(_server.ProcessId));
        await using (var connection = await OpenAsync(cancellationToken))
            await storeAsync(connection);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        own = Environment.CpuUsage.TotalTime - own;
        other = PostgresProcesses.ProcessorTime(_server.ProcessId) - other;
        var stored = await StoredAsync();
        return stored == _stored
            ? [new(Rate, "", Records / seconds), new("processor of the program", "ns/record", own.TotalNanoseconds / Records), new(
                "of the server", "ns/record", other.TotalNanoseconds / Records)]
            : throw new InvalidOperationException(
                $"{stored.Records} of {_stored.Records} records and {stored.FileBytes} of {_stored.FileBytes} bytes of files were stored");
    }

    // A part of a file may be one row or several.
    private async Task<(long Records, long FileBytes)> StoredAsync()
    {
        var records = await _server.QueryAsync(
            string.Join(" UNION ALL ", _tables.SkipLast(1).Select(table => $"SELECT count(*) FROM {table.Name}")));
        var files = await _server.QueryAsync($"SELECT sum(length(bytes)) FROM {_tables[^1].Name}");
        return (records.Sum(count => long.Parse(count, CultureInfo.InvariantCulture)), long.Parse(files[0], CultureInfo.InvariantCulture));
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>The rows of a table, in the order in which they were stored.</summary>
    private sealed record TableCopy(string Name, byte[] Bytes, List<object?[]> Values, NpgsqlDbType[] Types)
    {
        public static async Task<TableCopy> ReadAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream();
            await using (var copy = await connection.BeginRawBinaryCopyAsync(
                $"COPY (SELECT * FROM {name}) TO STDOUT (FORMAT binary)", cancellationToken))
            {
                await copy.CopyToAsync(bytes, cancellationToken);
            }
            var rows = new List<object?[]>();
            await using var query = new NpgsqlCommand($"SELECT * FROM {name}", connection);
            await using var reader = await query.ExecuteReaderAsync(cancellationToken);
            var columns = await reader.GetColumnSchemaAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
            return new TableCopy(name, bytes.ToArray(), rows, [.. columns.Select(column => ((NpgsqlDbColumn)column).NpgsqlDbType!.Value)]);
        }
    }
}
