using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>A capture folder and a schema of its own.</summary>
public abstract class SinkTest(Database database) : IDisposable
{
    private static int s_schemas;

    internal CaptureFolder Folder { get; } = new();

    protected Database Database { get; } = database;

    protected string Schema { get; } = $"s{Interlocked.Increment(ref s_schemas)}";

    internal RecordingLoggerFactory Log { get; } = new();

    protected PostgreSqlSinkOptions Options => new()
    {
        ConnectionString = Database.ConnectionString,
        Directory = Folder.Path,
        Schema = Schema,
        Follow = false,
        PollInterval = TimeSpan.FromMilliseconds(5),
        RetryInterval = TimeSpan.FromMilliseconds(20),
        MaxRetryInterval = TimeSpan.FromMilliseconds(100),
        LoggerFactory = Log,
    };

    public void Dispose()
    {
        Folder.Dispose();
        Log.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stores the whole capture.</summary>
    protected async Task<RecordingSinkStatus> StoreAsync(Func<PostgreSqlSinkOptions, PostgreSqlSinkOptions>? change = null)
    {
        await using var sink = PostgreSqlSink.Start(change?.Invoke(Options) ?? Options);
        await sink.Completion.WaitAsync(Patience.Limit);
        return sink.Status;
    }

    protected Task<string[]> QueryAsync(string sql) => Database.QueryAsync($"SET search_path = {Schema}; SET TimeZone = 'UTC'; {sql}");

    /// <summary>Writes numbered index trades from a number on.</summary>
    internal void WriteIndexTrades(int from, int count, Func<CaptureWriterOptions, CaptureWriterOptions>? change = null)
    {
        using var writer = Folder.Write(change);
        for (var i = from; i < from + count; i++)
            writer.Write("H0UPCNT0", Ticks.Index(i, i % 3 == 0 ? "1001" : "0001"), Ticks.At(i));
        writer.Close();
    }

    /// <summary>The database has these files of the capture byte for byte.</summary>
    internal async Task ShouldHaveFilesAsync(IEnumerable<string> paths)
    {
        await using var archive = new PostgreSqlArchive(Options);
        foreach (var path in paths)
        {
            var name = Path.GetRelativePath(Folder.Path, path).Replace('\\', '/');
            var bytes = await ReadAsync(archive, new ArchivedFile(name, "", 0));
            bytes.ShouldBe(await File.ReadAllBytesAsync(path), name);
        }
    }

    /// <summary>The content of a file in the database.</summary>
    internal static async Task<byte[]> ReadAsync(PostgreSqlArchive archive, ArchivedFile file)
    {
        var bytes = new MemoryStream();
        await foreach (var part in archive.ReadAsync(file, null, CancellationToken.None))
        {
            part.Position.ShouldBe(bytes.Length, file.Name);
            bytes.Write(part.Bytes.Span);
        }

        return bytes.ToArray();
    }

    /// <summary>The numbers of all stored index trades in order, and their keys, are those that were written.</summary>
    internal async Task ShouldHaveIndexTradesAsync(int count)
    {
        var rows = await QueryAsync("SELECT accumulated_volume, key, id, record FROM index_trade ORDER BY id, record");
        rows.ShouldBe(Enumerable.Range(0, count)
            .Select(i => $"{i}|{(i % 3 == 0 ? "1001" : "0001")}|{Ticks.At(i).UtcTicks - DateTime.UnixEpoch.Ticks}|1"));
    }
}
