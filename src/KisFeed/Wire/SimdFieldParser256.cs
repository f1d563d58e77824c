using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Wire;

/// <summary>Parses four fields at once like <see cref="SwarFieldParser"/> parses one.</summary>
internal readonly struct SimdFieldParser256 : IFieldParser
{
    private const int Width = 4;

    private static Vector256<byte> Ones => Vector256.Create((byte)1);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms)
    {
        // From the start of a field to the start of the next.
        var widths = Vector256.Create(starts[1..]) - Vector256.Create(starts);
        if (widths.ExtractMostSignificantBits() != 0)
            return 0;
        var lower = ReadFour(frame, starts, widths.GetLower(), columns.Lower, columns.Values, columns.HasTime, values, forms);
        var upper = ReadFour(
            frame, starts[Width..], widths.GetUpper(), columns.Upper, columns.Values >> Width, columns.HasTime, values[Width..],
            forms[Width..]);
        return lower | (upper << Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadFour(
        ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, Vector128<int> widths, in LaneRules<Vector256<ulong>> rules, int wanted,
        bool hasTime, Span<ulong> values, Span<byte> forms)
    {
        // The number of characters before the field in the word that ends with it; negative if the field is longer. A shift by more
        // bits than the word has gives zero.
        var spare = Vector128.Create(sizeof(ulong) + 1) - widths;
        // A text may have any length.
        var isLong = (spare.ExtractMostSignificantBits() & (uint)wanted) != 0;
        var characters = Avx2.ConvertToVector256Int64(spare);
        var before = characters << 3;
        var words = Load(frame, starts, sizeof(ulong));
        var first = Avx2.ShiftRightLogicalVariable(words, before.AsUInt64());
        var low = Digits(
            words, isLong ? Vector256.Max(before, Vector256<long>.Zero) : before, rules.Points, out var others, out var points);
        var isWhole = Vector256.Equals(points, Vector256<ulong>.Zero);
        var behind = Behind(points);
        var scales = Count(behind);
        var stays = isWhole | behind;
        var joined = (low & stays) | ((low & ~stays) << 8);
        Vector256<ulong> value;
        Vector256<short> pairs;
        if (isLong)
        {
            // The eight characters before those. A decimal point in either part shifts some of them.
            before += Vector256.Create(8L * sizeof(ulong));
            words = Load(frame, starts, LaneColumns.MaxLength);
            first |= Avx2.ShiftRightLogicalVariable(words, before.AsUInt64());
            var high = Digits(words, before, rules.Points, out var othersHigh, out points);
            joined |= (high >>> 56) & ~isWhole;
            var isWholeHigh = Vector256.Equals(points, Vector256<ulong>.Zero);
            behind = Behind(points);
            stays = (isWholeHigh | behind) & isWhole;
            scales += Count(behind) + (Vector256.Create<ulong>(sizeof(ulong)) & ~isWholeHigh);
            others += othersHigh;
            isWhole &= isWholeHigh;
            var upper = Number((high & stays) | ((high & ~stays) << 8), out _);
            value = Avx2.Multiply(upper.AsUInt32(), Vector256.Create(100_000_000u)) + Number(joined, out pairs);
        }
        else
        {
            value = Number(joined, out pairs);
        }

        // Other characters than digits counted as zero so far. They must be a minus before the digits or a decimal point among them.
        var isNegative = Vector256.Equals(first & Vector256.Create(0xFFul), rules.Minus);
        var marks = isNegative - isWhole;
        ((value ^ isNegative) - isNegative + rules.Offset).CopyTo(values);
        var form = Avx2.Shuffle(
            (scales + Vector256<ulong>.One).AsByte(),
            Vector256.Create(
                (byte)0, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 8, 255, 255, 255, 255, 255,
                255, 255, 255, 255, 255, 255, 255));
        BinaryPrimitives.WriteUInt32LittleEndian(forms, (form.GetLower() | form.GetUpper()).AsUInt32().ToScalar());

        var isRight = Vector256.Equals(others + marks, Vector256<ulong>.One)
            & Vector256.LessThan(characters - marks.AsInt64(), rules.MostSpare.AsInt64()).AsUInt64()
            & ~Vector256.LessThan(characters, rules.LeastSpare.AsInt64()).AsUInt64();
        if (hasTime)
            isRight &= Vector256.Equals(Vector256.GreaterThan(pairs, rules.PairLimits.AsInt16()).AsUInt64(), Vector256<ulong>.Zero);
        return (int)isRight.ExtractMostSignificantBits();
    }

    // The words that end with each field, or the given number of bytes earlier.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Load(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, int back)
    {
        ref var place = ref MemoryMarshal.GetReference(frame);
        ref var next = ref Unsafe.Add(ref MemoryMarshal.GetReference(starts), 1);
        return Vector256.Create(
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 0), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 1), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 2), back),
            SwarBytes.EndingBefore(ref place, Unsafe.Add(ref next, 3), back));
    }

    // The digit of each character; zero for characters before the field and for other characters than digits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Digits(
        Vector256<ulong> words, Vector256<long> before, Vector256<ulong> pointed, out Vector256<ulong> others, out Vector256<ulong> points)
    {
        var kept = Avx2.ShiftLeftLogicalVariable(Vector256<ulong>.AllBitsSet, before.AsUInt64());
        var digits = (words.AsByte() - Vector256.Create((byte)'0')) & kept.AsByte();
        var isOther = Vector256.GreaterThan(digits, Vector256.Create((byte)9));
        others = Count(isOther.AsUInt64());
        points = Vector256.Equals(digits, pointed.AsByte()).AsUInt64();
        return (digits & ~isOther).AsUInt64();
    }

    // The bytes after the one that is set; none if none is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Behind(Vector256<ulong> set) => (Vector256<ulong>.Zero - set) & ~set;

    // The number of bytes that are set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Count(Vector256<ulong> set) =>
        Avx2.SumAbsoluteDifferences(set.AsByte() & Ones, Vector256<byte>.Zero).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Number(Vector256<ulong> digits, out Vector256<short> pairs)
    {
        pairs = Avx2.MultiplyAddAdjacent(digits.AsByte(), Vector256.Create((short)0x010A).AsSByte());
        var quads = Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(0x0001_0064).AsInt16()).AsUInt64();
        return Avx2.Multiply(quads.AsUInt32(), Vector256.Create(10_000u)) + (quads >>> 32);
    }
}
