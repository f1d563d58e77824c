using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>
/// Parses eight fields at once like <see cref="SwarFieldParser"/> parses one. <see cref="SimdFieldParser256"/> does the
/// same with vectors of half the size.
/// </summary>
internal readonly struct SimdFieldParser512 : IFieldParser
{
    private static Vector512<byte> Ones => Vector512.Create((byte)1);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms)
    {
        ref readonly var rules = ref columns.Whole;
        // From the start of a field to the start of the next.
        var widths = Vector256.Create(starts[1..]) - Vector256.Create(starts);
        if (widths.ExtractMostSignificantBits() != 0)
            return 0;

        // The number of characters before the field in the word that ends with it; negative if the field is longer. A shift by more
        // bits than the word has gives zero.
        var spare = Vector256.Create(sizeof(ulong) + 1) - widths;
        // A text may have any length.
        var isLong = (spare.ExtractMostSignificantBits() & (uint)columns.Values) != 0;
        var characters = Avx512F.ConvertToVector512Int64(spare);
        var before = characters << 3;
        var words = Load(frame, starts, sizeof(ulong));
        var first = Avx512F.ShiftRightLogicalVariable(words, before.AsUInt64());
        var low = Digits(
            words, isLong ? Vector512.Max(before, Vector512<long>.Zero) : before, rules.Points, out var others, out var points);
        var isWhole = Vector512.Equals(points, Vector512<ulong>.Zero);
        var behind = Behind(points);
        var scales = Count(behind);
        var stays = isWhole | behind;
        var joined = (low & stays) | ((low & ~stays) << 8);
        Vector512<ulong> value;
        Vector512<short> pairs;
        if (isLong)
        {
            // The eight characters before those. A decimal point in either part shifts some of them.
            before += Vector512.Create(8L * sizeof(ulong));
            words = Load(frame, starts, LaneColumns.MaxLength);
            first |= Avx512F.ShiftRightLogicalVariable(words, before.AsUInt64());
            var high = Digits(words, before, rules.Points, out var othersHigh, out points);
            joined |= (high >>> 56) & ~isWhole;
            var isWholeHigh = Vector512.Equals(points, Vector512<ulong>.Zero);
            behind = Behind(points);
            stays = (isWholeHigh | behind) & isWhole;
            scales += Count(behind) + (Vector512.Create<ulong>(sizeof(ulong)) & ~isWholeHigh);
            others += othersHigh;
            isWhole &= isWholeHigh;
            var upper = Number((high & stays) | ((high & ~stays) << 8), out _);
            value = Avx512F.Multiply(upper.AsUInt32(), Vector512.Create(100_000_000u)) + Number(joined, out pairs);
        }
        else
        {
            value = Number(joined, out pairs);
        }

        // Other characters than digits counted as zero so far. They must be a minus before the digits or a decimal point among them.
        var isNegative = Vector512.Equals(first & Vector512.Create(0xFFul), rules.Minus);
        var marks = isNegative - isWhole;
        (Vector512.ConditionalSelect(isNegative, Vector512<ulong>.Zero - value, value) + rules.Offset).CopyTo(values);
        BinaryPrimitives.WriteUInt64LittleEndian(
            forms, Avx512F.ConvertToVector128Byte(scales + Vector512<ulong>.One).AsUInt64().ToScalar());
        var isRight = (Vector512.Equals(others + marks, Vector512<ulong>.One)
            & Vector512.LessThan(characters - marks.AsInt64(), rules.MostSpare.AsInt64()).AsUInt64()
            & ~Vector512.LessThan(characters, rules.LeastSpare.AsInt64()).AsUInt64()).ExtractMostSignificantBits();
        if (columns.HasTime)
        {
            isRight &= Vector512.Equals(Vector512.GreaterThan(pairs, rules.PairLimits.AsInt16()).AsUInt64(), Vector512<ulong>.Zero)
                .ExtractMostSignificantBits();
        }
        return (int)isRight;
    }

    // The words that end with each field, or the given number of bytes earlier.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, int back)
    {
        ref var place = ref MemoryMarshal.GetReference(frame);
        ref var next = ref Unsafe.Add(ref MemoryMarshal.GetReference(starts), 1);
        return Vector512.Create(
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 0), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 1), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 2), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 3), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 4), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 5), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 6), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 7), back));
    }

    // The digit of each character; zero for characters before the field and for other characters than digits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Digits(
        Vector512<ulong> words, Vector512<long> before, Vector512<ulong> pointed, out Vector512<ulong> others, out Vector512<ulong> points)
    {
        var kept = Avx512F.ShiftLeftLogicalVariable(Vector512<ulong>.AllBitsSet, before.AsUInt64());
        var digits = (words.AsByte() - Vector512.Create((byte)'0')) & kept.AsByte();
        var isOther = Vector512.GreaterThan(digits, Vector512.Create((byte)9));
        others = Count(isOther.AsUInt64());
        points = Vector512.Equals(digits, pointed.AsByte()).AsUInt64();
        return (digits & ~isOther).AsUInt64();
    }

    // The bytes after the one that is set; none if none is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Behind(Vector512<ulong> set) => (Vector512<ulong>.Zero - set) & ~set;

    // The number of bytes that are set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Count(Vector512<ulong> set) =>
        Avx512BW.SumAbsoluteDifferences(set.AsByte() & Ones, Vector512<byte>.Zero).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Number(Vector512<ulong> digits, out Vector512<short> pairs)
    {
        pairs = Avx512BW.MultiplyAddAdjacent(digits.AsByte(), Vector512.Create((short)0x010A).AsSByte());
        var quads = Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create(0x0001_0064).AsInt16()).AsUInt64();
        return Avx512F.Multiply(quads.AsUInt32(), Vector512.Create(10_000u)) + (quads >>> 32);
    }
}
