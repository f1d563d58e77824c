using KisFeed.Capture;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>A capture, its export, and the rows of its tables.</summary>
/// <param name="schema">The schema of the tables.</param>
/// <param name="names">The style of the column names.</param>
internal sealed class RecordedCapture(string schema, string names) : IDisposable
{
    private const string Marker = "= ";

    private readonly CaptureFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>The records of each feed in the order of their receipt, as sent.</summary>
    public Dictionary<string, List<(DateTimeOffset ReceivedAt, int Number, string[] Fields)>> Records { get; } =
        new(StringComparer.Ordinal);

    /// <summary>The rows of each table in the same order: its standard columns, those of the feed, and <c>extra</c>.</summary>
    public Dictionary<string, List<string?[]>> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>The recorded frames.</summary>
    public HashSet<string> Frames { get; } = new(StringComparer.Ordinal);

    public async Task LoadAsync(Postgres postgres)
    {
        await ReadAsync();
        var csv = System.IO.Path.Combine(Path, "csv");
        var export = await CommandRun.OfAsync("export", Path, "--names", names, "--out", $"{csv}/");
        export.ExitCode.ShouldBe(ExitCode.Success, export.Error);
        var tables = await CommandRun.OfAsync("feeds", "--format", "sql", "--names", names);
        var sql = new StringBuilder($"CREATE SCHEMA {schema};\nSET search_path = {schema};\n{tables.Output}\n");
        foreach (var trId in Records.Keys)
        {
            var table = trId.ToLowerInvariant();
            sql.Append(
                CultureInfo.InvariantCulture,
                $"\\copy {table} FROM '{csv}/{trId}.csv' WITH (FORMAT csv, HEADER true)\n\\echo '{Marker}{trId}'\n");
            sql.Append(CultureInfo.InvariantCulture, $"COPY (SELECT * FROM {table} ORDER BY received_at, frame, record) TO STDOUT;\n");
        }

        List<string?[]> rows = [];
        foreach (var line in await postgres.QueryAsync(sql.ToString()))
        {
            if (line.StartsWith(Marker, StringComparison.Ordinal))
                Rows.Add(line[Marker.Length..], rows = []);
            else
                rows.Add([.. line.Split('\t').Select(cell => cell == @"\N" ? null : cell)]);
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task ReadAsync()
    {
        await foreach (var frame in CaptureReader.Open(Path).ReadFramesAsync())
        {
            var text = Encoding.UTF8.GetString(frame.Bytes.Span);
            Frames.Add(text);
            var parts = text.Split('|', 4);
            var fields = parts[3].Split('^');
            if (!Records.TryGetValue(parts[1], out var records))
                Records.Add(parts[1], records = []);
            var width = fields.Length / int.Parse(parts[2], CultureInfo.InvariantCulture);
            records.AddRange(fields.Chunk(width).Select((record, index) => (frame.ReceivedAt, index + 1, record)));
        }
    }
}
