namespace KisFeed.Simulator.Market;

/// <summary>
/// Random numbers from a seed (SplitMix64). The numbers of <see cref="Random"/> are not guaranteed across .NET versions, and a seed that a
/// user reports must give the same market years later.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public int Next(int min, int max) => min + (int)(((ulong)(uint)(max - min + 1) * (NextBits() >> 32)) >> 32);

    /// <summary>A number from 0 to 1, 1 excluded.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public double NextBetween(double min, double max) => min + ((max - min) * NextUnit());

    /// <summary>Returns true with this probability.</summary>
    public bool Happens(double probability) => NextUnit() < probability;

    private ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        return StableHash.Mix(_state);
    }
}
