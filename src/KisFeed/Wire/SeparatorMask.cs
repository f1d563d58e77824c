using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KisFeed.Wire;

/// <summary>Finds separators 64 bytes at a time with vectors of the machine's width, as a mask with one bit per byte.</summary>
internal static class SeparatorMask
{
    /// <summary>The number of bytes compared together.</summary>
    public const int Width = 64;

    private const int AtOnce = 4;

    /// <summary>Like <see cref="Separators.FindByWord"/>, for a text of at least <see cref="Width"/> bytes.</summary>
    public static int Find(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        ref var bytes = ref MemoryMarshal.GetReference(text);
        ref var output = ref MemoryMarshal.GetReference(starts);
        var last = text.Length - Width;
        var found = 0;
        for (var position = from; position < text.Length && found < count; position += Width)
        {
            // The last block overlaps the previous one, so that it ends with the text.
            var at = Math.Min(position, last);
            var hits = HitsFrom(ref bytes, (nuint)at) & (ulong.MaxValue << (position - at));
            var room = Math.Min(BitOperations.PopCount(hits), count - found);

            // A field begins after its separator. Writes four at a time; those beyond the count have no meaning.
            var behind = at + 1;
            ref var next = ref Unsafe.Add(ref output, found + 1);
            for (var left = room; left > 0; left -= AtOnce)
            {
                next = NextFrom(ref hits, behind);
                Unsafe.Add(ref next, 1) = NextFrom(ref hits, behind);
                Unsafe.Add(ref next, 2) = NextFrom(ref hits, behind);
                Unsafe.Add(ref next, 3) = NextFrom(ref hits, behind);
                next = ref Unsafe.Add(ref next, AtOnce);
            }

            found += room;
        }

        return found;
    }

    private static int NextFrom(ref ulong hits, int behind)
    {
        var place = BitOperations.TrailingZeroCount(hits);
        hits &= hits - 1;
        return behind + place;
    }

    private static ulong HitsFrom(ref byte bytes, nuint at) => Vector256.IsHardwareAccelerated
        ? Hits256(ref bytes, at) | ((ulong)Hits256(ref bytes, at + 32) << 32)
        : Hits128(ref bytes, at) | ((ulong)Hits128(ref bytes, at + 16) << 16) | ((ulong)Hits128(ref bytes, at + 32) << 32)
            | ((ulong)Hits128(ref bytes, at + 48) << 48);

    private static uint Hits256(ref byte bytes, nuint at) =>
        Vector256.Equals(Vector256.LoadUnsafe(ref bytes, at), Vector256.Create(Separators.Separator)).ExtractMostSignificantBits();

    private static uint Hits128(ref byte bytes, nuint at) =>
        Vector128.Equals(Vector128.LoadUnsafe(ref bytes, at), Vector128.Create(Separators.Separator)).ExtractMostSignificantBits();
}
