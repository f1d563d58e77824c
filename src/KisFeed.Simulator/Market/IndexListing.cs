namespace KisFeed.Simulator.Market;

/// <summary>What an index starts from.</summary>
/// <param name="Code">The sector code.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Level">The previous close of the first day, in hundredths of a point.</param>
/// <param name="Beta">How much it moves with the market as a whole.</param>
/// <param name="OwnVolatility">How much it moves by itself: the standard deviation of a day, as a fraction.</param>
/// <param name="Issues">The stocks listed in it.</param>
/// <param name="DailyVolume">Its volume on an ordinary day, in 1,000 shares.</param>
/// <param name="AveragePrice">What a share traded in it costs on average, in KRW.</param>
internal sealed record IndexListing(string Code, string Name, long Level, double Beta, double OwnVolatility, int Issues, long DailyVolume, int AveragePrice)
{
    /// <summary>The indices that the market lists. Levels are plausible for late 2026, not taken from anywhere.</summary>
    public static IReadOnlyList<IndexListing> All { get; } =
    [
        new("0001", "코스피", 5_812_37, 1.0, 0.0015, 943, 520_000, 46_000),
        new("1001", "코스닥", 1_124_68, 1.15, 0.005, 1_796, 980_000, 13_000),
        new("2001", "코스피 200", 858_14, 1.03, 0.0015, 200, 165_000, 96_000),
    ];

    /// <summary>An index that the market does not list, made up from the seed.</summary>
    public static IndexListing MakeUp(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));
        return new IndexListing(
            code,
            $"업종 {code}",
            random.Next(400_00, 4_000_00),
            random.NextBetween(0.6, 1.3),
            random.NextBetween(0.003, 0.008),
            random.Next(20, 160),
            random.Next(5_000, 80_000),
            random.Next(6_000, 90_000));
    }
}
