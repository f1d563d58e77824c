using static KisFeed.Benchmarks.Capacity.CapacityCosts;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>A machine, and what a gateway on it may have.</summary>
/// <param name="Cores">Its cores.</param>
/// <param name="Gigabits">Its network, Gbit/s.</param>
internal sealed record CapacityMachine(double Cores, double Gigabits)
{
    public double UsableCores => Cores * UsablePart;

    public double UsableNetwork => Gigabits * BytesOfGigabit * UsablePart;

    /// <summary><c>--max-connections</c>.</summary>
    public double Connections => Cores * ConnectionsOfCore;

    /// <summary><c>MemoryMax</c>.</summary>
    public double Memory => Cores * MemoryOfCore;

    public override string ToString() => FormattableString.Invariant($"{Cores} cores, {Gigabits} Gbit/s");
}

/// <summary>The use of a resource.</summary>
/// <param name="Resource">Its name.</param>
/// <param name="Value">What is used.</param>
/// <param name="Limit">What may be used.</param>
internal sealed record CapacityUse(string Resource, double Value, double Limit)
{
    public double Part => Value / Limit;
}

/// <summary>
/// A cluster that carries a step. Every part is able to lose one of its processes: the loads are those of the others then.
/// </summary>
/// <param name="Step">The load.</param>
/// <param name="Streams">The number of streams.</param>
/// <param name="Ingest">The machine of half of the ingests. There are two such machines.</param>
/// <param name="Node">The machine of each of three RabbitMQ nodes.</param>
/// <param name="Edge">The machine of each edge.</param>
/// <param name="Database">The machine of PostgreSQL.</param>
internal sealed record CapacityCluster(
    CapacityStep Step, int Streams, CapacityMachine Ingest, CapacityMachine Node, CapacityMachine Edge, CapacityMachine Database)
{
    private const int MaxEdges = 200;
    private const string KeysResource = "keys of an edge";
    private const double Nodes = 3;
    private const double NodesWithoutOne = Nodes - 1;
    private const double MaxFactor = 10_000;

    public required int Ingests { get; init; }

    public required int Edges { get; init; }

    /// <summary>The limit of the keys of an edge (<c>--max-keys</c>).</summary>
    public double MaxKeys { get; init; } = KeysOfEdge;

    /// <summary>Connections that PostgreSQL accepts from ingests and edges.</summary>
    public double MaxDatabaseConnections { get; init; } = AllDatabaseConnections - OtherDatabaseConnections;

    /// <summary>Batches a second of all publishers and streams.</summary>
    public double Batches => Ingests * BatchesOf(Step.Frames / Ingests);

    /// <summary>
    /// App keys of an ingest. Two ingests on different machines are configured with the same app keys, and either may have all of them.
    /// </summary>
    public double AppKeysOfIngest => Step.AppKeys / (Ingests / 2);

    /// <summary>Of a machine whose ingests have all app keys.</summary>
    public double IngestCores => (Step.Frames * IngestFrame) + (Batches * IngestBatch);

    public double NodeCores => ((Streams * PublishCores(Batches / Streams)) + (Batches * Edges * DeliverBatch)) / NodesWithoutOne;

    /// <summary>Each frame once from its ingest, to two replicas, and to each edge.</summary>
    public double NodeNetwork => Step.Frames * EntryBytes * (Edges + Nodes) / NodesWithoutOne;

    public double EdgeCores
    {
        get
        {
            var wanted = Step.Frames * Math.Min(1, ConsumersOfEdge * CapacityStep.KeysOfConsumer / Step.Keys);
            var writes = Step.FramesOfConsumer / (1 + (Step.FramesOfConsumer * BatchSeconds));
            return (Batches * EdgeBatch) + ((Step.Frames - wanted) * EdgeUnwantedFrame) + (wanted * EdgeFrame)
                + (ConsumersOfEdge * ((writes * EdgeWrite) + (Step.FramesOfConsumer * EdgeDelivery)));
        }
    }

    public double EdgeNetwork => ConsumersOfEdge * Step.FramesOfConsumer * FrameBytes;

    public double ConsumersOfEdge => Step.Consumers / (Edges - 1);

    public double EdgeMemory => (ConsumersOfEdge * ConsumerBytes) + EdgeBytes;

    public double KeysWanted => Math.Min(Step.Keys, ConsumersOfEdge * CapacityStep.KeysOfConsumer);

    /// <summary>Both ingests of an app key ask each second.</summary>
    public double DatabaseCores =>
        (Step.AppKeys * (IngestExchange + (2 * LeaseRequest))) + (Edges * EdgeExchange(Step.AppKeys, KeysWanted));

    /// <summary>The use of each resource.</summary>
    public IReadOnlyList<CapacityUse> Uses =>
    [
        new("app keys of an ingest", AppKeysOfIngest, AppKeysOfProcess),
        new("processor of the ingests of a machine, cores", IngestCores, Ingest.UsableCores),
        new("processor of a RabbitMQ node, cores", NodeCores, Node.UsableCores),
        new("network of a RabbitMQ node, MB/s", NodeNetwork / 1e6, Node.UsableNetwork / 1e6),
        new("batches/s of a stream", Batches / Streams, BatchesOfStream),
        new("a day in the streams, GB", Step.StreamBytesOfDay / 1e9, Streams * StreamBytes / 1e9),
        .. UsesOfEdges,
        new("processor of PostgreSQL, cores", DatabaseCores, Database.UsableCores),
        new("connections to PostgreSQL", DatabaseConnectionsOfProcess * (Ingests + Edges), MaxDatabaseConnections),
    ];

    private IReadOnlyList<CapacityUse> UsesOfEdges =>
    [
        new("processor of an edge, cores", EdgeCores, Edge.UsableCores),
        new("network of an edge, MB/s", EdgeNetwork / 1e6, Edge.UsableNetwork / 1e6),
        new("connections of an edge", ConsumersOfEdge, Edge.Connections),
        new("memory of an edge, GB", EdgeMemory / 1e9, Edge.Memory / 1e9),
        new(KeysResource, KeysWanted, MaxKeys),
    ];

    /// <summary>
    /// Creates a cluster with as many ingests as the app keys require, and as many edges as their machines require, and one more.
    /// </summary>
    public static CapacityCluster Of(
        CapacityStep step, int streams, CapacityMachine ingest, CapacityMachine node, CapacityMachine edge, CapacityMachine database)
    {
        var cluster = new CapacityCluster(step, streams, ingest, node, edge, database)
        {
            Ingests = 2 * (int)Math.Ceiling(step.AppKeys / AppKeysOfProcess),
            Edges = 2,
        };
        while (cluster.UsesOfEdges.Any(use => use.Part > 1 && use.Resource != KeysResource) && cluster.Edges < MaxEdges)
            cluster = cluster with { Edges = cluster.Edges + 1 };
        return cluster;
    }

    /// <summary>
    /// What is used beyond its limit, the worst first, with the factor 1; then what reaches its limit when the load grows and the cluster
    /// stays, with the load at which it does, relative to that of the step.
    /// </summary>
    public IReadOnlyList<(CapacityUse Use, double Factor)> Limits()
    {
        return [.. Uses.Select((use, i) => (Use: use, Factor: use.Part > 1 ? 1 : FactorOf(i))).Where(limit => limit.Factor < MaxFactor)
            .OrderBy(limit => limit.Factor).ThenByDescending(limit => limit.Use.Part)];

        // Each use grows with the load, or stays.
        double FactorOf(int index)
        {
            var (low, high) = (1.0, MaxFactor);
            while (high / low > 1.001)
            {
                var middle = Math.Sqrt(low * high);
                (low, high) = (this with { Step = Step.Times(middle) }).Uses[index].Part > 1 ? (low, middle) : (middle, high);
            }

            return high;
        }
    }

    // A publisher completes what it has after 5 ms, or the batch of a stream with 20 frames.
    private double BatchesOf(double frames)
    {
        var period = BatchSeconds + (1 / frames);
        var collected = frames * period;
        var filled = Streams * (1 - Math.Pow(1 - (1.0 / Streams), collected));
        return collected / Streams > BatchFrames ? frames / BatchFrames : filled / period;
    }
}
