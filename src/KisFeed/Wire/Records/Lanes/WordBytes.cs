namespace KisFeed.Wire;

/// <summary>A word looked at as eight bytes, without vectors.</summary>
internal static class WordBytes
{
    /// <summary>A one in each byte: times a byte, that byte in each.</summary>
    public const ulong Ones = 0x0101010101010101;

    private const ulong LowBits = 0x7F * Ones;

    /// <summary>The high bit of each byte that is this one, and nothing else.</summary>
    public static ulong EqualTo(ulong word, byte wanted)
    {
        var differing = word ^ (wanted * Ones);
        return ~(((differing & LowBits) + LowBits) | differing | LowBits);
    }
}
