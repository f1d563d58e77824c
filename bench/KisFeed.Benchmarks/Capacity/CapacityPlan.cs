namespace KisFeed.Benchmarks.Capacity;

/// <summary>Finds the smallest cluster in which a step uses no resource beyond its limit.</summary>
internal static class CapacityPlan
{
    private const double NodesOfEach = 3; // Of RabbitMQ, and of PostgreSQL.
    private const double MachinesOfIngests = 2;
    private const int KeysUnit = 10_000;
    private const double Reserve = 1.1;

    private static readonly CapacityMachine[] s_machines = [new(4, 1), new(8, 10), new(16, 10), new(32, 25), new(64, 25)];
    private static readonly int[] s_streams = [8, 12, 16, 24, 32, 48, CapacityCosts.MaxStreams];

    /// <summary>
    /// Returns the cluster with the fewest cores, and with the fewest machines among those; <see langword="null"/> if none is enough.
    /// </summary>
    public static CapacityCluster? Find(CapacityStep step)
    {
        var clusters =
            from edge in s_machines
            from node in s_machines
            from database in s_machines
            from streams in s_streams
            let cluster = WithSettings(CapacityCluster.Of(step, streams, s_machines[0], node, edge, database))
            where cluster.Uses.All(use => use.Part <= 1)
            orderby CoresOf(cluster), cluster.Edges, cluster.Streams
            select cluster;
        return clusters.FirstOrDefault();
    }

    public static double CoresOf(CapacityCluster cluster) =>
        (MachinesOfIngests * cluster.Ingest.Cores)
        + (cluster.Edges * cluster.Edge.Cores)
        + (NodesOfEach * (cluster.Node.Cores + cluster.Database.Cores));

    // A setting costs nothing, so it is as large as necessary.
    private static CapacityCluster WithSettings(CapacityCluster cluster) => cluster with
    {
        MaxKeys = Math.Max(cluster.MaxKeys, KeysUnit * Math.Ceiling(Reserve * cluster.KeysWanted / KeysUnit)),
    };
}
