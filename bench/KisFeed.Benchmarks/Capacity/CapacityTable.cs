using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>Prints the model as the tables of docs/capacity.md.</summary>
internal static class CapacityTable
{
    public static void Write(TextWriter output, IReadOnlyList<CapacityStep> steps)
    {
        Write(
            output,
            ["", "keys", "app keys", "frames/s", "consumers", "deliveries/s", "ingests", "edges", "batches/s", "streams, GB a day"],
            steps.Select(s => new[]
            {
                s.Name, Text(s.Keys), Text(s.AppKeys), Text(s.Frames), Text(s.Consumers), Text(s.Consumers * s.KeysOfConsumer * s.FramesPerKey), Text(s.Ingests), Text(s.Edges), Text(s.Batches), Text(s.StreamBytesOfDay / 1e9),
            }));
        Write(
            output,
            ["", "cores of an ingest", "of a RabbitMQ node", "of an edge", "of PostgreSQL", "network of a node, MB/s", "of an edge", "breaks first", "at this load times"],
            steps.Select(s => new[]
            {
                s.Name, Text(s.IngestCores), Text(s.NodeCores), Text(s.EdgeCores), Text(s.DatabaseCores), Text(s.NodeNetwork / 1e6), Text(s.EdgeNetwork / 1e6), s.FirstLimit.Resource, Text(s.FirstLimit.Factor),
            }));
        output.WriteLine("Use of each limit, with one ingest, one edge and one node lost:\n");
        Write(
            output,
            ["", .. steps.Select(s => s.Name)],
            steps[0].Uses.Select((use, i) => (string[])[use.Resource, .. steps.Select(s => s.Uses[i].Use.ToString("0.0 %", CultureInfo.InvariantCulture))]));
    }

    private static void Write(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length - 1))}");
        foreach (var row in rows)
            output.WriteLine($"| {string.Join(" | ", row)} |");
        output.WriteLine();
    }

    private static string Text(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
