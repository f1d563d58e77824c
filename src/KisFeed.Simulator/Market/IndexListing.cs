namespace KisFeed.Simulator.Market;

/// <summary>The initial data of an index.</summary>
/// <param name="Code">The sector code.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Level">The previous close of the first day, in hundredths of a point.</param>
/// <param name="Beta">Its sensitivity to the market as a whole.</param>
/// <param name="OwnVolatility">The standard deviation of its own movement over a day, as a fraction.</param>
/// <param name="Issues">The number of its stocks.</param>
/// <param name="DailyVolume">Its volume on an ordinary day, in 1,000 shares.</param>
/// <param name="AveragePrice">The average price of its traded shares, in KRW.</param>
internal sealed record IndexListing(
    string Code, string Name, long Level, double Beta, double OwnVolatility, int Issues, long DailyVolume, int AveragePrice)
{
    /// <summary>The listed indices. Levels are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<IndexListing> All { get; } =
    [
        new("0001", "코스피", 5_812_37, 1.0, 0.0015, 943, 520_000, 46_000),
        new("1001", "코스닥", 1_124_68, 1.15, 0.005, 1_796, 980_000, 13_000),
        new("2001", "코스피 200", 858_14, 1.03, 0.0015, 200, 165_000, 96_000),
    ];

    public static IndexListing Generate(string code, ulong seed)
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
