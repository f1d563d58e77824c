namespace KisFeed.Benchmarks.Capacity;

/// <summary>
/// The costs and limits of the model. Each is measured, documented, or an assumption, as its comment says; docs/capacity.md explains them.
/// </summary>
internal static class CapacityCosts
{
    // --- Limits of the broker and defaults of KisFeed.

    /// <summary>Registrations of an app key (docs/protocol.md).</summary>
    public const int KeysOfAppKey = 41;

    /// <summary>
    /// App keys of a process: the variables <c>KISFEED_APPKEY</c> and <c>KISFEED_APPKEY_2</c> to <c>_99</c> (docs/configuration.md).
    /// </summary>
    public const int AppKeysOfProcess = 99;

    /// <summary>Streams, and the most that are possible (<c>--amqp-partitions</c>).</summary>
    public const int DefaultStreams = 8;
    public const int MaxStreams = 64;

    /// <summary>Bytes that a stream keeps (docs/cluster.md).</summary>
    public const double StreamBytes = 10e9;

    /// <summary>Frames of a batch, and seconds until an incomplete one is sent (docs/cluster.md).</summary>
    public const int BatchFrames = 20;
    public const double BatchSeconds = 0.005;

    /// <summary>Connections of consumers to a gateway (<c>--max-connections</c>), for a machine with four cores.</summary>
    public const int ConnectionsOfCore = 1_000;

    /// <summary>Keys of an edge (<c>--max-keys</c>).</summary>
    public const int KeysOfEdge = 10_000;

    /// <summary>Memory of a gateway on a machine with four cores (<c>MemoryMax</c> of the unit).</summary>
    public const double MemoryOfCore = 0.5e9;

    /// <summary>Connections of a process to the database of the coordination (docs/capacity.md).</summary>
    public const int DatabaseConnectionsOfProcess = 10;

    /// <summary>
    /// Connections that PostgreSQL accepts (deploy/postgresql/coordination.conf), and those of administrators,
    /// monitoring and standbys among them.
    /// </summary>
    public const int AllDatabaseConnections = 600;
    public const int OtherDatabaseConnections = 20;

    // --- Measured, docs/performance.md.

    /// <summary>Ingest: <c>kisfeed gateway --record</c>, 0.15 cores at 20,000 frames/s ("Storing in PostgreSQL").</summary>
    public const double IngestFrame = 7.5e-6;

    /// <summary>
    /// Ingest: a batch published, 518 ns a frame in batches of 20 ("Publishing to a cluster"), all of it counted for the batch.
    /// </summary>
    public const double IngestBatch = 10.4e-6;

    /// <summary>Edge: a write to a consumer's connection, 0.54 to 0.66 cores at 100,000 deliveries/s ("Through the gateway").</summary>
    public const double EdgeWrite = 6e-6;

    /// <summary>Edge: a frame in a write with others, 0.09 to 0.14 µs ("Through the gateway", as fast as possible).</summary>
    public const double EdgeDelivery = 0.12e-6;

    /// <summary>
    /// Edge: a wanted frame, without spinning threads. At 20,000 frames/s, on a machine with other loads, 7.0 µs without
    /// deliveries; at 5,000 frames/s 7.2 to 10.8 µs with four deliveries ("An edge gateway"), of which 4.5 to 8.1 µs remain without
    /// its part of a batch and of four writes.
    /// </summary>
    public const double EdgeFrame = 8e-6;

    /// <summary>Memory of an idle consumer ("Memory"), and the most of an edge with one consumer in eng/cluster-demo.sh.</summary>
    public const double ConsumerBytes = 56 * 1024;
    public const double EdgeBytes = 160e6;

    // --- Measured with capacity measure.

    /// <summary>
    /// Edge: a batch of a stream, and a frame in it that nobody wants: 12.9, 11.1 and 14.2 µs for batches of 1, 4 and 20.
    /// </summary>
    public const double EdgeBatch = 11.5e-6;
    public const double EdgeUnwantedFrame = 0.13e-6;

    /// <summary>
    /// RabbitMQ: published batches on all three nodes: 615 to 654 µs each at 400/s of a stream on an idle machine, 190 at 1,600/s,
    /// because more are written together.
    /// </summary>
    public static double PublishCores(double batchesOfStream) =>
        Math.Min(650e-6 * batchesOfStream, Math.Max(0.26, (107e-6 * batchesOfStream) + 0.137));

    /// <summary>RabbitMQ: a batch delivered to a reader, on one node.</summary>
    public const double DeliverBatch = 25e-6;

    /// <summary>
    /// PostgreSQL: a request of a cluster at rest costs this many times one that follows others at once: 2.7 with 25 app keys, 2.4 with 60.
    /// </summary>
    public const double AtRest = 2.5;

    /// <summary>PostgreSQL: renewing a lease, or asking for one: 0.23 to 0.25 ms.</summary>
    public const double LeaseRequest = AtRest * 0.25e-3;

    /// <summary>PostgreSQL: an exchange of an ingest for an app key: 0.83 to 1.0 ms with 3 to 425 app keys.</summary>
    public const double IngestExchange = AtRest * 1e-3;

    /// <summary>
    /// PostgreSQL: an exchange of an edge: 1.0 ms with 300 keys and 25 app keys, 2.6 with 300 and 425, 18.0 with 17,425 and 425.
    /// </summary>
    public static double EdgeExchange(double appKeys, double keys) => AtRest * (0.6e-3 + (0.004e-3 * appKeys) + (0.0009e-3 * keys));

    /// <summary>
    /// RabbitMQ: batches of 20 frames of one stream with three replicas that are confirmed a second, with
    /// publisher and nodes on two busy cores.
    /// </summary>
    public const double BatchesOfStream = 4_700;

    // --- Assumptions.

    /// <summary>Bytes of a frame, and with its header in a batch.</summary>
    public const double FrameBytes = 300;
    public const double EntryBytes = 320;

    /// <summary>Frames a second of a key: the busiest minutes have this many times the average of the day.</summary>
    public const double PeakFactor = 5;

    /// <summary>Seconds of a trading day, 09:00 to 15:30.</summary>
    public const double DaySeconds = 23_400;

    /// <summary>The part of each machine that may be used.</summary>
    public const double UsablePart = 0.7;

    /// <summary>Bytes a second of a network of 1 Gbit/s, without the headers of Ethernet, IP and TCP.</summary>
    public const double BytesOfGigabit = 117e6;
}
