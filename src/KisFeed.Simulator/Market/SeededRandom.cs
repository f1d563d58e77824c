namespace KisFeed.Simulator.Market;

/// <summary>
/// Random numbers from a seed: SplitMix64. Our own because the numbers of <see cref="Random"/> are promised by no version of .NET, and
/// a seed that a user reports must give the same market years later.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Next(int least, int most) => least + (int)(((ulong)(uint)(most - least + 1) * (NextBits() >> 32)) >> 32);

    /// <summary>A number from 0 to 1, 1 excluded.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public double NextBetween(double least, double most) => least + ((most - least) * NextUnit());

    /// <summary>Whether something of this probability happens.</summary>
    public bool Happens(double probability) => NextUnit() < probability;

    private ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        return StableHash.Mix(_state);
    }
}
