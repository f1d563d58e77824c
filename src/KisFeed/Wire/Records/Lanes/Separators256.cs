using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KisFeed.Wire;

/// <summary>Finds separators 32 bytes at a time.</summary>
internal static class Separators256
{
    /// <summary>As <see cref="Separators.FindByWord"/>, in a text of at least 32 bytes.</summary>
    public static int Find(ReadOnlySpan<byte> text, int from, int count, Span<int> starts)
    {
        ref var bytes = ref MemoryMarshal.GetReference(text);
        var last = text.Length - Vector256<byte>.Count;
        var found = 0;
        for (var position = from; position < text.Length && found < count; position += Vector256<byte>.Count)
        {
            // The last vector begins before its place, so that it ends with the text.
            var at = Math.Min(position, last);
            var hits = Vector256.Equals(Vector256.LoadUnsafe(ref bytes, (nuint)at), Vector256.Create(Separators.Separator)).ExtractMostSignificantBits();
            hits &= uint.MaxValue << (position - at);
            ref var next = ref starts[found + 1];
            found += BitOperations.PopCount(hits);
            for (; hits != 0; hits &= hits - 1)
            {
                next = at + BitOperations.TrailingZeroCount(hits) + 1;
                next = ref Unsafe.Add(ref next, 1);
            }
        }

        return Math.Min(found, count);
    }
}
