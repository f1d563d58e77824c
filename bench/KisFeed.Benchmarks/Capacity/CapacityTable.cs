using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>Prints the model as the tables of docs/capacity.md.</summary>
internal static class CapacityTable
{
    private const int Limits = 2;

    public static void Write(TextWriter output, IReadOnlyList<CapacityCluster> clusters)
    {
        Write(
            output,
            ["instruments", "listed, about", "feeds of each", "keys", "frames of a key, relative to one of a stock"],
            Instruments.All.Select(i => new[] { i.Name, Text(i.Count), Text(i.Feeds), Text(i.Keys), Text(i.Activity) }));
        Write(
            output,
            ["", "keys", "app keys", "frames/s", "consumers", "deliveries/s", "ingests", "edges", "batches/s", "streams, GB a day"],
            clusters.Select(c => new[]
            {
                c.Step.Name,
                Text(c.Step.Keys),
                Text(c.Step.AppKeys),
                Text(c.Step.Frames),
                Text(c.Step.Consumers),
                Text(c.Step.Deliveries),
                Text(c.Ingests),
                Text(c.Edges),
                Text(c.Batches),
                Text(c.Step.StreamBytesOfDay / 1e9),
            }));
        Write(
            output,
            ["", "cores of all ingests", "of a RabbitMQ node", "of an edge", "of PostgreSQL", "network of a node, MB/s", "of an edge"],
            clusters.Select(c => new[]
            {
                c.Step.Name,
                Text(c.IngestCores),
                Text(c.NodeCores),
                Text(c.EdgeCores),
                Text(c.DatabaseCores),
                Text(c.NodeNetwork / 1e6),
                Text(c.EdgeNetwork / 1e6),
            }));
        output.WriteLine("Limits that are exceeded, or reached first when the load grows and the cluster stays, and at which load, "
            + "relative to that of the row:\n");
        WriteLimits(output, clusters);
        output.WriteLine("Use of each limit, with one ingest, one edge and one node lost:\n");
        Write(
            output,
            ["", .. clusters.Select(c => c.Step.Name)],
            clusters[0].Uses.Select((use, i) => (string[])[use.Resource, .. clusters.Select(c => Percent(c.Uses[i]))]));
    }

    /// <summary>Prints recommended clusters, the limits that each reaches first, and their uses.</summary>
    public static void WritePlans(TextWriter output, IReadOnlyList<CapacityCluster> plans)
    {
        output.WriteLine("Smallest clusters in which nothing is used beyond its limit:\n");
        Write(
            output,
            [
                "", "ingests, on two machines", "RabbitMQ nodes", "`--amqp-partitions`", "edges", "`--max-connections`", "`--max-keys`",
                "PostgreSQL", "cores of all",
            ],
            plans.Select(c => new[]
            {
                c.Step.Name,
                $"{c.Ingests}, 2 × {c.Ingest}",
                $"3 × {c.Node}",
                Text(c.Streams),
                $"{c.Edges} × {c.Edge}",
                Text(c.Edge.Connections),
                Text(c.MaxKeys),
                $"3 × {c.Database}",
                Text(CapacityPlan.CoresOf(c)),
            }));
        output.WriteLine("Limits that these clusters reach first when the load grows, and at which load, relative to that of the row:\n");
        WriteLimits(output, plans);
        foreach (var plan in plans)
        {
            Write(
                output,
                [plan.Step.Name, "use", "limit", "use of the limit"],
                plan.Uses.Select(use => new[] { use.Resource, Text(use.Value), Text(use.Limit), Percent(use) }));
        }
    }

    private static void WriteLimits(TextWriter output, IReadOnlyList<CapacityCluster> clusters) =>
        Write(
            output,
            ["", "first limit", "load factor at the limit", "second limit", "load factor"],
            clusters.Select(c => (string[])[c.Step.Name, .. c.Limits().Take(Limits)
                .SelectMany(limit => new[] { limit.Use.Resource, FactorOf(limit) })]));

    private static void Write(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length - 1))}");
        foreach (var row in rows)
            output.WriteLine($"| {string.Join(" | ", row)} |");
        output.WriteLine();
    }

    private static string FactorOf((CapacityUse Use, double Factor) limit) =>
        limit.Use.Part > 1 ? $"exceeded: {Text(limit.Use.Part)} × the limit" : Text(limit.Factor);

    private static string Percent(CapacityUse use) => use.Part.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Text(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
