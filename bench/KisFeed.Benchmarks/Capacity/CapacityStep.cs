using static KisFeed.Benchmarks.Capacity.CapacityCosts;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>A size of a cluster, and what it needs. Every part is able to lose one of its processes: the loads are those of the others then.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Keys">Registered keys.</param>
/// <param name="Consumers">Consumers of all edges.</param>
/// <param name="KeysOfConsumer">Keys of each consumer.</param>
/// <param name="FramesPerKey">Frames a second of each key in the busiest minutes.</param>
internal sealed record CapacityStep(string Name, double Keys, double Consumers, double KeysOfConsumer, double FramesPerKey)
{
    public const double DefaultFramesPerKey = 5;

    private const int MaxEdges = 200;

    public double AppKeys => Math.Ceiling(Keys / KeysOfAppKey);

    public double Frames => Keys * FramesPerKey;

    /// <summary>Ingests: two at least, each with at most half of the app keys that a process can have, so that another can take them all.</summary>
    public int Ingests { get; init; }

    public int Edges { get; init; }

    /// <summary>Batches a second of all publishers and streams: every publisher completes what it has after 5 ms, or 20 frames of a stream.</summary>
    public double Batches
    {
        get
        {
            var frames = Frames / Ingests;
            var period = BatchSeconds + (1 / frames);
            var collected = frames * period;
            var perStream = collected / Streams;
            var filled = Streams * (1 - Math.Pow(1 - (1.0 / Streams), collected));
            return Ingests * (perStream > BatchFrames ? frames / BatchFrames : filled / period);
        }
    }

    /// <summary>Seconds until the broker has all keys, after a start or when another ingest takes an app key: 50 ms a request, as far as the limit a minute allows.</summary>
    public static double RegistrationSeconds => KeysOfAppKey <= RegistrationsPerMinute ? KeysOfAppKey * 0.05 : KeysOfAppKey * 60.0 / RegistrationsPerMinute;

    public double StreamBytesOfDay => Frames / PeakFactor * DaySeconds * EntryBytes;

    public double IngestCores => ((Frames * IngestFrame) + (Batches * IngestBatch)) / (Ingests - 1);

    public double NodeCores => ((Streams * PublishCores(Batches / Streams)) + (Batches * Edges * DeliverBatch)) / 2;

    public double EdgeCores
    {
        get
        {
            var consumers = Consumers / (Edges - 1);
            var wanted = Math.Min(Keys, consumers * KeysOfConsumer) * FramesPerKey;
            var frames = KeysOfConsumer * FramesPerKey;
            var writes = frames / (1 + (frames * BatchSeconds));
            return (Batches * EdgeBatch) + ((Frames - wanted) * EdgeUnwantedFrame) + (wanted * EdgeFrame) + (consumers * ((writes * EdgeWrite) + (frames * EdgeDelivery)));
        }
    }

    public double EdgeKeys => Math.Min(Keys, Consumers / Edges * KeysOfConsumer);

    /// <summary>Each app key is configured at two ingests, which both ask each second.</summary>
    public double DatabaseCores => (AppKeys * (IngestExchange + (2 * LeaseRequest))) + (Edges * EdgeExchange(AppKeys, EdgeKeys));

    public double EdgeNetwork => Consumers / (Edges - 1) * KeysOfConsumer * FramesPerKey * FrameBytes;

    public double NodeNetwork => Frames * EntryBytes * (Edges + 3) / 2;

    /// <summary>The use of each resource as a part of its limit.</summary>
    public IReadOnlyList<(string Resource, double Use)> Uses =>
    [
        ("processor of the ingests", IngestCores / (Cores * UsablePart)),
        ("app keys of an ingest", AppKeys / (Ingests - 1) / AppKeysOfProcess),
        ("processor of the RabbitMQ nodes", NodeCores / (Cores * UsablePart)),
        ("batches of a stream", Batches / Streams / BatchesOfStream),
        ("network of the RabbitMQ nodes", NodeNetwork / (NetworkBytes * UsablePart)),
        ("a day in the streams", StreamBytesOfDay / (Streams * StreamBytes)),
        ("processor of the edges", EdgeCores / (Cores * UsablePart)),
        ("connections of the edges", Consumers / (Edges - 1) / ConnectionsOfEdge),
        ("memory of the edges", ((Consumers / (Edges - 1) * ConsumerBytes) + EdgeBytes) / EdgeMemoryBytes),
        ("network of the edges", EdgeNetwork / (NetworkBytes * UsablePart)),
        ("processor of PostgreSQL", DatabaseCores / (Cores * UsablePart)),
    ];

    /// <summary>What exceeds its limit first when keys, app keys and consumers grow alike, and at how many times the load of the step; 1 if it does already.</summary>
    public (string Resource, double Factor) FirstLimit
    {
        get
        {
            for (var factor = 1.0; ; factor *= 1.02)
            {
                var grown = this with { Keys = Keys * factor, Consumers = Consumers * factor };
                if (grown.Uses.MaxBy(use => use.Use) is { Use: > 1 } first)
                    return (first.Resource, factor);
            }
        }
    }

    public static IReadOnlyList<CapacityStep> All(double framesPerKey) =>
    [
        Of("a desk", 3 * KeysOfAppKey, 20, framesPerKey),
        Of("a firm", 25 * KeysOfAppKey, 500, framesPerKey),
        Of("the trades of all stocks", 2_900, 5_000, framesPerKey),
        Of("three feeds of all stocks", 3 * 2_900, 20_000, framesPerKey),
        Of("six feeds, KRX and NXT", 6 * 2_900, 100_000, framesPerKey),
    ];

    // As many ingests and edges as their own limits require, and one more of each.
    private static CapacityStep Of(string name, double keys, double consumers, double framesPerKey)
    {
        const double KeysOfEach = 20;
        var step = new CapacityStep(name, keys, consumers, KeysOfEach, framesPerKey);
        step = step with { Ingests = Math.Max(2, 1 + (int)Math.Ceiling(step.AppKeys / (AppKeysOfProcess / 2))), Edges = 2 };
        while (step.Uses.Any(use => use.Resource.EndsWith("of the edges", StringComparison.Ordinal) && use.Use > 1) && step.Edges < MaxEdges)
            step = step with { Edges = step.Edges + 1 };
        return step;
    }
}
