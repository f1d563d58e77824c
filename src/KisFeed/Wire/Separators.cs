using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Finds the <c>^</c> of a record. All vector widths give the same result.</summary>
internal static class Separators
{
    /// <summary>The number of offsets after the requested ones that may be overwritten: one vector.</summary>
    public const int Slack = 16;

    public const byte Separator = (byte)'^';

    /// <summary>
    /// Writes the offsets of fields: to <c>starts[i]</c> the offset after the <c>i</c>-th separator, or one after the text if it has no further
    /// separator.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="from">The offset of the first field.</param>
    /// <param name="count">The number of separators to find; the end of the text counts as one.</param>
    /// <param name="starts">Receives <paramref name="count"/> + 1 offsets, and needs space for <see cref="Slack"/> more.</param>
    /// <returns>The number of separators found, up to <paramref name="count"/>; the end of the text counts as one.</returns>
    // Not inlined, because it would share registers with the caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Find(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        // Unchecked writes stay within this length.
        starts = starts[..(count + 1 + Slack)];
        starts[0] = from;
        int found;
        if (Avx512Vbmi2.IsSupported && text.Length >= Vector512<byte>.Count)
            found = Separators512.Find(text, from, count, starts);
        else if (Vector128.IsHardwareAccelerated && text.Length >= SeparatorMask.Width)
            found = SeparatorMask.Find(text, from, count, starts);
        else
            found = FindByWord(text, from, count, starts);

        // The last field ends with the text. Vectors read the bytes after it but ignore them.
        if (found < count)
            starts[++found] = text.Length + 1;
        var rest = Vector256.Create(starts[found]);
        ref var behind = ref starts[found + 1];
        rest.StoreUnsafe(ref behind);
        rest.StoreUnsafe(ref behind, (nuint)Vector256<int>.Count);
        return found;
    }

    /// <summary>Finds separators eight bytes at a time, without vectors.</summary>
    internal static int FindByWord(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        var found = 0;
        var position = from;
        for (; position + sizeof(ulong) <= text.Length && found < count; position += sizeof(ulong))
        {
            var hits = SwarBytes.EqualTo(BinaryPrimitives.ReadUInt64LittleEndian(text[position..]), Separator);
            for (; hits != 0 && found < count; hits &= hits - 1)
                starts[++found] = position + (BitOperations.TrailingZeroCount(hits) / 8) + 1;
        }

        for (; position < text.Length && found < count; position++)
        {
            if (text[position] == Separator)
                starts[++found] = position + 1;
        }

        return found;
    }
}

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
        : Hits128(ref bytes, at) | ((ulong)Hits128(ref bytes, at + 16) << 16) | ((ulong)Hits128(ref bytes, at + 32) << 32) | ((ulong)Hits128(ref bytes, at + 48) << 48);

    private static uint Hits256(ref byte bytes, nuint at) => Vector256.Equals(Vector256.LoadUnsafe(ref bytes, at), Vector256.Create(Separators.Separator)).ExtractMostSignificantBits();

    private static uint Hits128(ref byte bytes, nuint at) => Vector128.Equals(Vector128.LoadUnsafe(ref bytes, at), Vector128.Create(Separators.Separator)).ExtractMostSignificantBits();
}

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
    private static Vector512<byte> HitsFrom(ref byte bytes, int at) => Vector512.Equals(Vector512.LoadUnsafe(ref bytes, (nuint)at), Vector512.Create(Separators.Separator));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Write(Vector512<byte> hits, int at, int found, int count, ref int output)
    {
        var offsets = Avx512Vbmi2.Compress(Vector512<byte>.Zero, hits, Vector512<byte>.Indices);
        var behind = Math.Min(found + BitOperations.PopCount(hits.ExtractMostSignificantBits()), count);
        while (found < behind)
        {
            (Avx512F.ConvertToVector512Int32(offsets.GetLower().GetLower()) + Vector512.Create(at + 1)).StoreUnsafe(ref output, (nuint)found + 1);
            if (behind - found <= OffsetsAtOnce)
                break;
            found += OffsetsAtOnce;
            offsets = Avx512F.AlignRight32(Vector512<uint>.Zero, offsets.AsUInt32(), OffsetsAtOnce / sizeof(uint)).AsByte();
        }

        return behind;
    }
}

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
    /// The word that ends with the field before the one that starts at an offset, or the given number of bytes earlier. Bounds are not checked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EndingBefore(ref byte frame, int next, int back)
    {
        // No intermediate reference points outside the frame's array, because the garbage collector would take it for a reference into another object.
        return Unsafe.ReadUnaligned<ulong>(ref Unsafe.Subtract(ref Unsafe.Add(ref frame, (nint)next - 1), back));
    }
}
