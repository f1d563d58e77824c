using System.Text;

namespace KisFeed.Simulator.Market;

/// <summary>
/// Random numbers from a seed (SplitMix64). The numbers of <see cref="Random"/> are not guaranteed across .NET versions, and a seed that a user
/// reports must give the same market years later.
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

/// <summary>Hashes that are the same in every process, on every machine and in every version of .NET, unlike <see cref="object.GetHashCode"/>.</summary>
internal static class StableHash
{
    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit affects every output bit.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public static ulong Combine(ulong hash, long number) => Mix(hash + 0x9E3779B97F4A7C15 + Mix(unchecked((ulong)number)));

    /// <summary>A hash of a hash and a text: FNV-1a over its UTF-8, mixed.</summary>
    public static ulong Combine(ulong hash, string text)
    {
        var value = 0xCBF29CE484222325;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            value = (value ^ b) * 0x100000001B3;
        return Combine(hash, unchecked((long)value));
    }

    /// <summary>A number from -1 to 1 made from a hash.</summary>
    public static double ToSignedUnit(ulong hash) => ((hash >> 11) * (2.0 / (1UL << 53))) - 1;
}
