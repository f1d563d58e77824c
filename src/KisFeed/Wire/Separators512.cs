using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Finds separators 64 bytes at a time and writes their offsets sixteen at a time.</summary>
internal static class Separators512
{
    private const int OffsetsAtOnce = 16;

    /// <summary>Like <see cref="Separators.FindByWord"/>, for a text of at least 64 bytes.</summary>
    public static int Find(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        ref var bytes = ref MemoryMarshal.GetReference(text);
        ref var output = ref MemoryMarshal.GetReference(starts);
        var last = text.Length - Vector512<byte>.Count;
        var found = 0;
        var position = from;
        for (; position <= last && found < count; position += Vector512<byte>.Count)
            found = Write(HitsFrom(ref bytes, position), position, found, count, ref output);
        if (position >= text.Length || found >= count)
            return found;

        // The last vector overlaps the previous one, so that it ends with the text.
        var rest = Vector512.GreaterThanOrEqual(Vector512<byte>.Indices, Vector512.Create((byte)(position - last)));
        return Write(HitsFrom(ref bytes, last) & rest, last, found, count, ref output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> HitsFrom(ref byte bytes, int at) =>
        Vector512.Equals(Vector512.LoadUnsafe(ref bytes, (nuint)at), Vector512.Create(Separators.Separator));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Write(Vector512<byte> hits, int at, int found, int count, ref int output)
    {
        var offsets = Avx512Vbmi2.Compress(Vector512<byte>.Zero, hits, Vector512<byte>.Indices);
        var behind = Math.Min(found + BitOperations.PopCount(hits.ExtractMostSignificantBits()), count);
        while (found < behind)
        {
            (Avx512F.ConvertToVector512Int32(offsets.GetLower().GetLower()) + Vector512.Create(at + 1))
                .StoreUnsafe(ref output, (nuint)found + 1);
            if (behind - found <= OffsetsAtOnce)
                break;
            found += OffsetsAtOnce;
            offsets = Avx512F.AlignRight32(Vector512<uint>.Zero, offsets.AsUInt32(), OffsetsAtOnce / sizeof(uint)).AsByte();
        }

        return behind;
    }
}
