using System.Buffers.Binary;
using System.Numerics;

namespace KisFeed.Wire;

/// <summary>
/// Parses a field as one or two words of eight characters, right-aligned, the first character lowest. Parses one field like
/// <see cref="SimdFieldParser256"/> and <see cref="SimdFieldParser512"/> parse several at once: the same fields
/// can be parsed, with the same results.
/// </summary>
/// <remarks>
/// It parses fields in the plain form that nearly all have: digits, with a minus before and a decimal point among them if the column allows
/// those; times; dates, without their calendar; codes of one digit. <see cref="LaneGroups"/> adds empty fields and longer codes. All other
/// forms are left to <see cref="FieldText"/>: padding, a plus sign, numbers of more than sixteen characters and errors.
/// </remarks>
internal readonly struct SwarFieldParser : IFieldParser
{
    private const ulong Zeros = '0' * SwarBytes.Ones;
    private const ulong HighBits = 0x80 * SwarBytes.Ones;
    private const ulong HundredMillion = 100_000_000;

    /// <inheritdoc/>
    public static int Read(ReadOnlySpan<byte> frame, ReadOnlySpan<int> starts, LaneColumns columns, Span<ulong> values, Span<byte> forms)
    {
        var understood = 0;
        var types = columns.Types;
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i] != ColumnType.Text && TryRead(frame, starts[i], starts[i + 1] - 1, types[i], out values[i], out forms[i]))
                understood |= 1 << i;
        }

        return understood;
    }

    /// <summary>Parses a field.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="start">The start of the field.</param>
    /// <param name="end">The end of the field.</param>
    /// <param name="type">The type of the column; not a text.</param>
    /// <param name="value">The number without its decimal point, in two's complement; HHMMSS; or the character of a code.</param>
    /// <param name="form">One more than the number of decimal places.</param>
    /// <returns>Whether the field was parsed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, int start, int end, ColumnType type, out ulong value, out byte form)
    {
        var length = end - start;
        value = 0;
        form = 1;

        // The bytes before the field are read too, so there must be some.
        if (length is < 1 or > LaneColumns.MaxLength || end < LaneColumns.MaxLength)
            return false;
        if (type == ColumnType.Code)
        {
            value = frame[start];
            return length == 1 && char.IsAsciiDigit((char)value);
        }

        if (type == ColumnType.Time)
        {
            return length == LaneColumns.TimeLength
                && TryReadDigits(Filled(Load(frame, end - sizeof(ulong)), length), out value)
                && IsTime(value);
        }
        if (type == ColumnType.Date)
            return length == LaneColumns.DateLength && TryReadDigits(Load(frame, end - sizeof(ulong)), out value);
        var isNegative = frame[start] == (byte)'-';
        if (isNegative)
            length--;
        if (length > sizeof(ulong)
            ? !TryReadLong(frame, end, length, type, ref value, ref form)
            : !TryReadShort(frame, end, length, type, ref value, ref form))
        {
            return false;
        }
        if (isNegative)
            value = 0 - value;
        return true;
    }

    private static bool IsTime(ulong value) => value / 10_000 < 24 && value / 100 % 100 < 60 && value % 100 < 60;

    private static bool TryReadShort(ReadOnlySpan<byte> frame, int end, int length, ColumnType type, ref ulong value, ref byte form)
    {
        if (length < 1)
            return false;
        var low = Filled(Load(frame, end - sizeof(ulong)), length);
        if (type == ColumnType.Decimal && PointsIn(low) is var points and not 0)
        {
            form += Close(ref low, points, (byte)'0');
            if (length == 1)
                return false;
        }

        return TryReadDigits(low, out value);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> frame, int end, int length, ColumnType type, ref ulong value, ref byte form)
    {
        var low = Load(frame, end - sizeof(ulong));
        var high = Filled(Load(frame, end - LaneColumns.MaxLength), length - sizeof(ulong));
        if (type == ColumnType.Decimal)
        {
            if (PointsIn(low) is var points and not 0)
            {
                form += Close(ref low, points, (byte)(high >> 56));
                high = (high << 8) | '0';
            }
            else if (PointsIn(high) is var pointsHigh and not 0)
            {
                form += (byte)(sizeof(ulong) + Close(ref high, pointsHigh, (byte)'0'));
            }
        }

        if (!TryReadDigits(low, out value) || !TryReadDigits(high, out var upper))
            return false;
        value += upper * HundredMillion;
        return true;
    }

    private static ulong Load(ReadOnlySpan<byte> frame, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(frame.Slice(offset, sizeof(ulong)));

    // The given number of last characters of a word, after zeros.
    private static ulong Filled(ulong characters, int length)
    {
        var kept = ulong.MaxValue << (8 * (sizeof(ulong) - length));
        return (characters & kept) | (Zeros & ~kept);
    }

    private static ulong PointsIn(ulong word) => SwarBytes.EqualTo(word, (byte)'.');

    // Removes the first decimal point, shifts the characters before it, and returns the number of characters after it.
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
        var isRight = ((digits | (digits + ((0x7F - 9) * SwarBytes.Ones))) & HighBits) == 0;
        digits = (digits * 10) + (digits >> 8);
        value =
            (((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064)
                + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001))
            >> 32;
        return isRight;
    }
}
