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
internal readonly struct SimdFieldParser : IValueLanes
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
        form = 1;

        // What stands before the field is read with it, so that there has to be something.
        if (length is < 1 or > LaneColumns.MaxLength || end < LaneColumns.MaxLength)
            return false;
        if (type == ColumnType.Code)
        {
            value = frame[start];
            return length == 1 && char.IsAsciiDigit((char)value);
        }

        if (type == ColumnType.Time)
            return length == LaneColumns.TimeLength && TryReadDigits(Filled(Load(frame, end - sizeof(ulong)), length), out value) && IsTime(value);
        var isNegative = frame[start] == (byte)'-';
        if (isNegative)
            length--;
        if (length > sizeof(ulong) ? !TryReadLong(frame, end, length, type, ref value, ref form) : !TryReadShort(frame, end, length, type, ref value, ref form))
            return false;
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

    private static ulong Load(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(frame.Slice(offset, sizeof(ulong)));

    // The last characters of a word, as many as are wanted, behind zeros.
    private static ulong Filled(ulong characters, int length)
    {
        var kept = ulong.MaxValue << (8 * (sizeof(ulong) - length));
        return (characters & kept) | (Zeros & ~kept);
    }

    private static ulong PointsIn(ulong word) => SwarBytes.EqualTo(word, (byte)'.');

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
        var isRight = ((digits | (digits + ((0x7F - 9) * SwarBytes.Ones))) & HighBits) == 0;
        digits = (digits * 10) + (digits >> 8);
        value = (((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32;
        return isRight;
    }
}
