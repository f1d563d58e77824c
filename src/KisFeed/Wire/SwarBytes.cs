using System.Runtime.CompilerServices;

namespace KisFeed.Wire;

/// <summary>Operations on the eight bytes of a word, without vectors (SWAR).</summary>
internal static class SwarBytes
{
    /// <summary>A one in each byte. Multiplied by a byte, it gives that byte in each.</summary>
    public const ulong Ones = 0x0101010101010101;

    private const ulong LowBits = 0x7F * Ones;

    /// <summary>Sets the high bit of each byte that equals the given one, and no other bits.</summary>
    public static ulong EqualTo(ulong word, byte wanted)
    {
        var differing = word ^ (wanted * Ones);
        return ~(((differing & LowBits) + LowBits) | differing | LowBits);
    }

    /// <summary>
    /// The word that ends with the field before the one that starts at an offset, or the given number of
    /// bytes earlier. Bounds are not checked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EndingBefore(ref byte frame, int next, int back)
    {
        // No intermediate reference points outside the frame's array, because the garbage collector would take it
        // for a reference into another object.
        return Unsafe.ReadUnaligned<ulong>(ref Unsafe.Subtract(ref Unsafe.Add(ref frame, (nint)next - 1), back));
    }
}
