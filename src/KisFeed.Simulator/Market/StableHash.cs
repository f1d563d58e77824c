using System.Text;

namespace KisFeed.Simulator.Market;

/// <summary>
/// Hashes that are the same in every process, on every machine and in every version of .NET, unlike <see cref="object.GetHashCode"/>.
/// </summary>
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
