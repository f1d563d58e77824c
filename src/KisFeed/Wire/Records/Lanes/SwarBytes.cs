using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>A word looked at as eight bytes, without vectors.</summary>
internal static class SwarBytes
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

    /// <summary>The word that ends with the field whose next begins at a place, or so many bytes before. No bound is looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EndingBefore(ref byte frame, int next, int back)
    {
        // No reference points outside the frame's array on the way, since the collector would take it for one into something else.
        return Unsafe.ReadUnaligned<ulong>(ref Unsafe.Subtract(ref Unsafe.Add(ref frame, (nint)next - 1), back));
    }
}
