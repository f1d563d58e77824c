using System.Buffers.Binary;
using System.Numerics;

namespace KisFeed.Wire;

/// <summary>
/// Reads a field as a word or two of eight characters each, right-aligned, the first character lowest. What <see cref="ValueLanes256"/> and <see cref="ValueLanes512"/> do
/// with several fields at once, this does with one: the same fields are understood, and the same comes out.
/// </summary>
/// <remarks>
/// Understood are fields in the plain form in which nearly all come: digits with a minus before and a point among them where the column may have those, times, codes of one digit.
/// Everything else, nothing, padding, a plus, longer codes, numbers of more than sixteen characters, mistakes, is left to <see cref="FieldText"/>.
/// </remarks>
internal static class ValueLane
{
    private const ulong EachByte = 0x0101010101010101;
    private const ulong Zeros = '0' * EachByte;
    private const ulong Points = '.' * EachByte;
    private const ulong HighBits = 0x80 * EachByte;
    private const ulong LowBits = 0x7F * EachByte;
    private const ulong MinusToZero = '-' ^ '0';
    private const ulong HundredMillion = 100_000_000;

    /// <summary>Reads a field.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">Where the field begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="type">What the column holds; not a text.</param>
    /// <param name="value">The number without its point, two's complement; HHMMSS; or the character of a code.</param>
    /// <param name="form">One more than the digits behind the point.</param>
    /// <returns>Whether it is understood.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, int start, int end, ColumnType type, out ulong value, out byte form)
    {
        var length = end - start;
        value = 0;
        form = 0;

        // What stands before the field is read with it, so that there has to be something.
        if (length < 1 || length > LaneColumns.MostOf(type) || end < LaneColumns.MaxLength)
            return false;

        var low = Load(frame, end - sizeof(ulong)) & Kept(length);
        if (type == ColumnType.Code)
            return TryReadCode(low, out value, out form);
        var high = length > sizeof(ulong) ? Load(frame, end - LaneColumns.MaxLength) & Kept(length - sizeof(ulong)) : 0;
        return type == ColumnType.Time ? TryReadTime(low, length, out value, out form) : TryReadNumber(low, high, length, type == ColumnType.Decimal, out value, out form);
    }

    

    private static ulong Load(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(frame.Slice(offset, sizeof(ulong)));

    private static ulong Kept(int length) => length >= sizeof(ulong) ? ulong.MaxValue : ulong.MaxValue << (8 * (sizeof(ulong) - length));

    private static bool TryReadCode(ulong character, out ulong value, out byte form)
    {
        form = 1;
        value = character >> 56;
        return char.IsAsciiDigit((char)value);
    }

    private static bool TryReadTime(ulong characters, int length, out ulong value, out byte form)
    {
        form = 1;
        return TryReadDigits(characters | (Zeros & ~Kept(length)), out value) && length == 6 && value / 10_000 < 24 && value / 100 % 100 < 60 && value % 100 < 60;
    }

    private static bool TryReadNumber(ulong low, ulong high, int length, bool isPointed, out ulong value, out byte form)
    {
        form = 1;
        value = 0;
        var isWide = length > sizeof(ulong);
        var first = 8 * ((isWide ? LaneColumns.MaxLength : sizeof(ulong)) - length);
        ref var head = ref isWide ? ref high : ref low;
        var isNegative = (byte)(head >> first) == '-';
        if (isNegative)
            head ^= MinusToZero << first;
        low |= Zeros & ~Kept(length);
        high = isWide ? high | (Zeros & ~Kept(length - sizeof(ulong))) : Zeros;

        var digits = isNegative ? length - 1 : length;
        if (isPointed)
        {
            var (lowPoints, highPoints) = (PointsIn(low), PointsIn(high));
            if (lowPoints != 0)
            {
                form += Close(ref low, lowPoints, (byte)(high >> 56));
                high = (high << 8) | '0';
                digits--;
            }
            else if (highPoints != 0)
            {
                form += (byte)(sizeof(ulong) + Close(ref high, highPoints, (byte)'0'));
                digits--;
            }
        }

        if (digits < 1 || !TryReadDigits(low, out value))
            return false;
        if (isWide)
        {
            if (!TryReadDigits(high, out var upper))
                return false;
            value += upper * HundredMillion;
        }

        if (isNegative)
            value = 0 - value;
        return true;
    }

    // The high bit of each byte that is a point. Those behind the first need not be right: a second one is a mistake in any case.
    private static ulong PointsIn(ulong word)
    {
        var differing = word ^ Points;
        return ~(((differing & LowBits) + LowBits) | differing | LowBits);
    }

    // Takes the first point out, moves what stands before it up, and says how many characters stand behind.
    private static byte Close(ref ulong word, ulong points, byte before)
    {
        var at = BitOperations.TrailingZeroCount(points) - 7;
        var below = (1ul << at) - 1;
        var behind = at == 56 ? 0 : ulong.MaxValue << (at + 8);
        word = (word & behind) | ((word & below) << 8) | before;
        return (byte)(7 - (at / 8));
    }

    private static bool TryReadDigits(ulong characters, out ulong value)
    {
        var digits = characters ^ Zeros;
        var isRight = ((digits | (digits + ((0x7F - 9) * EachByte))) & HighBits) == 0;
        digits = (digits * 10) + (digits >> 8);
        value = (((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32;
        return isRight;
    }
}
