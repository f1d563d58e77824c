using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Finds the <c>^</c> of a record. The widths of vector all find the same.</summary>
internal static class Separators
{
    /// <summary>Offsets that may be overwritten behind those that are asked for: a vector of them.</summary>
    public const int Slack = 16;

    public const byte Separator = (byte)'^';

    /// <summary>Notes where fields begin: in <c>starts[i]</c> the offset behind the <c>i</c>-th separator, or one behind the text where that has no further separator.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where the first field begins.</param>
    /// <param name="count">How many separators to find, the end of the text being one.</param>
    /// <param name="starts">Room for <paramref name="count"/> + 1 offsets and <see cref="Slack"/> more.</param>
    /// <returns>How many there are, the end of the text being one, up to <paramref name="count"/>.</returns>
    // Inlined, it would share its registers with whoever calls it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Find(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        // What is written without a look at the length stays within this.
        starts = starts[..(count + 1 + Slack)];
        starts[0] = from;
        int found;
        if (Avx512Vbmi2.IsSupported && text.Length >= Vector512<byte>.Count)
            found = Separators512.Find(text, from, count, starts);
        else if (Vector128.IsHardwareAccelerated && text.Length >= SeparatorMask.Width)
            found = SeparatorMask.Find(text, from, count, starts);
        else
            found = FindByWord(text, from, count, starts);

        // The last field ends with the text. What stands behind is read by vectors, but not taken for anything.
        if (found < count)
            starts[++found] = text.Length + 1;
        var rest = Vector256.Create(starts[found]);
        ref var behind = ref starts[found + 1];
        rest.StoreUnsafe(ref behind);
        rest.StoreUnsafe(ref behind, (nuint)Vector256<int>.Count);
        return found;
    }

    /// <summary>Eight bytes at a time, without vectors.</summary>
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
