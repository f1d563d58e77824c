using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
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
    /// Writes the offsets of fields: to <c>starts[i]</c> the offset after the <c>i</c>-th separator, or one after the
    /// text if it has no further separator.
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
