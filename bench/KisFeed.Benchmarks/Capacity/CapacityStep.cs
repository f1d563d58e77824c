using static KisFeed.Benchmarks.Capacity.CapacityCosts;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>What a cluster of a size has to carry.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Keys">Registered keys.</param>
/// <param name="Frames">Frames a second of all keys in the busiest minutes.</param>
/// <param name="Consumers">Consumers of all edges.</param>
/// <param name="FramesOfConsumer">Frames a second that each consumer gets.</param>
internal sealed record CapacityStep(string Name, double Keys, double Frames, double Consumers, double FramesOfConsumer)
{
    /// <summary>Frames a second of the key of a stock.</summary>
    public const double DefaultFramesPerKey = 5;

    /// <summary>Keys of each consumer.</summary>
    public const double KeysOfConsumer = 20;

    public double AppKeys => Math.Ceiling(Keys / KeysOfAppKey);

    public double Deliveries => Consumers * FramesOfConsumer;

    public double StreamBytesOfDay => Frames / PeakFactor * DaySeconds * EntryBytes;

    /// <summary>The step when keys and consumers grow alike.</summary>
    public CapacityStep Times(double factor) =>
        this with { Keys = Keys * factor, Frames = Frames * factor, Consumers = Consumers * factor };

    public static IReadOnlyList<CapacityStep> All(double framesPerKey) =>
    [
        Of("a desk", 3 * KeysOfAppKey, 20, framesPerKey),
        Of("a firm", 25 * KeysOfAppKey, 500, framesPerKey),
        Of("the trades of all stocks", Instruments.Stocks.Count, 5_000, framesPerKey),
        Of("three feeds of all stocks", 3 * Instruments.Stocks.Count, 20_000, framesPerKey),
        Of("six feeds of all stocks", Instruments.Stocks.Keys, 100_000, framesPerKey),
        new(
            "all instruments", Instruments.All.Sum(i => i.Keys), Instruments.All.Sum(i => i.Keys * i.Activity) * framesPerKey, 100_000,
            KeysOfConsumer * framesPerKey),
    ];

    private static CapacityStep Of(string name, double keys, double consumers, double framesPerKey) =>
        new(name, keys, keys * framesPerKey, consumers, KeysOfConsumer * framesPerKey);
}

/// <summary>Listed instruments of a kind. The counts are approximate; docs/capacity.md says which feeds they are.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Count">Instruments.</param>
/// <param name="Feeds">Feeds of each.</param>
/// <param name="Activity">Frames of a key, relative to one of a stock. An assumption.</param>
internal sealed record Instruments(string Name, double Count, double Feeds, double Activity)
{
    public static readonly Instruments Stocks = new("stocks", 2_900, 6, 1);

    public static readonly IReadOnlyList<Instruments> All =
    [
        Stocks,
        new("ETFs", 1_000, 3, 1),
        new("ETNs", 400, 3, 0.2),
        new("ELWs", 2_500, 2, 0.2),
        new("bonds with quotes", 5_000, 2, 0.02),
        new("index futures and options", 1_000, 2, 1),
        new("stock futures and options", 3_000, 2, 0.2),
        new("indices", 100, 2, 0.2),
    ];

    public double Keys => Count * Feeds;
}
