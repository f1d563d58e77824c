using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>
/// Parses single fields. Every method returns <see langword="false"/> for invalid text and never invents a value. Check for absent values
/// first, with <see cref="IsAbsent(ReadOnlySpan{byte})"/>.
/// </summary>
public static class FieldText
{
    private const int MaxMantissaDigits = 29;

    // The number of digits that always fit 64 bits.
    private const int FastLength = 18;
    private const int TimeLength = 6;
    private const int DateLength = 8;
    private const int MaxCodeLength = 8;

    /// <summary>The field without its padding: blanks at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty || (field[0] != (byte)' ' && field[^1] != (byte)' '))
            return field;
        return field.Trim((byte)' ');
    }

    /// <summary>Whether a trimmed field of any type is absent: empty or <c>(null)</c>.</summary>
    public static bool IsAbsent(ReadOnlySpan<byte> trimmed) => trimmed.IsEmpty || trimmed.SequenceEqual("(null)"u8);

    /// <summary>
    /// Whether a trimmed numeric or time field is absent: like <see cref="IsAbsent(ReadOnlySpan{byte})"/>, or <c>nan</c>, <c>-nan</c>.
    /// </summary>
    public static bool IsAbsentValue(ReadOnlySpan<byte> trimmed)
    {
        if (trimmed.IsEmpty)
            return true;
        return trimmed[0] > (byte)'9' || trimmed[0] is (byte)'(' or (byte)'-' or (byte)'+'
            ? IsAbsent(trimmed) || IsNaN(trimmed)
            : false;
    }

    /// <summary>Reads a number and keeps its scale: <c>3.010</c> has three decimal places. Accepts a plus sign and leading zeros.</summary>
    // number = ["+" / "-"] (1*DIGIT ["." *DIGIT] / "." 1*DIGIT)
    public static bool TryReadDecimal(ReadOnlySpan<byte> trimmed, out decimal value, out FrameErrorKind error)
    {
        if (trimmed.Length > FastLength)
            return TryReadLongDecimal(trimmed, out value, out error);

        ulong mantissa = 0;
        var point = -1;
        var isNegative = false;
        var marks = 0;
        for (var i = 0; i < trimmed.Length; i++)
        {
            var digit = (uint)(trimmed[i] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                continue;
            }

            if (trimmed[i] == (byte)'.' && point < 0)
                point = i;
            else if (i == 0 && trimmed[i] is (byte)'-' or (byte)'+')
                isNegative = trimmed[i] == (byte)'-';
            else
                return Fail(out value, out error);
            marks++;
        }

        if (trimmed.Length <= marks)
            return Fail(out value, out error);
        var scale = point < 0 ? 0 : trimmed.Length - 1 - point;
        value = new decimal((int)mantissa, (int)(mantissa >> 32), 0, isNegative && mantissa != 0, (byte)scale);
        error = FrameErrorKind.None;
        return true;

        static bool Fail(out decimal value, out FrameErrorKind error)
        {
            value = 0;
            error = FrameErrorKind.InvalidNumber;
            return false;
        }
    }

    /// <summary>Reads a whole number of 64 bits. Accepts a plus sign, leading zeros, and decimal places that are all zero.</summary>
    public static bool TryReadInteger(ReadOnlySpan<byte> trimmed, out long value, out FrameErrorKind error)
    {
        value = 0;
        if (trimmed.IndexOf((byte)'.') is > 0 and var point && !trimmed[(point + 1)..].ContainsAnyExcept((byte)'0'))
            trimmed = trimmed[..point];
        var digits = trimmed is [(byte)'+', ..] or [(byte)'-', ..] ? trimmed[1..] : trimmed;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            error = FrameErrorKind.InvalidNumber;
            return false;
        }

        if (!Utf8Parser.TryParse(trimmed, out value, out var consumed) || consumed != trimmed.Length)
        {
            error = FrameErrorKind.NumberOutOfRange;
            return false;
        }

        error = FrameErrorKind.None;
        return true;
    }

    /// <summary>Reads a time of day of the form <c>HHMMSS</c>.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> trimmed, out TimeOnly value, out FrameErrorKind error)
    {
        value = default;
        error = FrameErrorKind.InvalidTime;
        if (trimmed.Length != TimeLength || trimmed.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        var hour = TwoDigits(trimmed);
        var minute = TwoDigits(trimmed[2..]);
        var second = TwoDigits(trimmed[4..]);
        if (hour > 23 || minute > 59 || second > 59)
            return false;
        value = new TimeOnly(hour, minute, second);
        error = FrameErrorKind.None;
        return true;
    }

    /// <summary>Reads a date of the form <c>YYYYMMDD</c>.</summary>
    public static bool TryReadDate(ReadOnlySpan<byte> trimmed, out DateOnly value, out FrameErrorKind error)
    {
        value = default;
        error = FrameErrorKind.InvalidDate;
        if (trimmed.Length != DateLength || trimmed.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        var number = (TwoDigits(trimmed) * 1_000_000) + (TwoDigits(trimmed[2..]) * 10_000) + (TwoDigits(trimmed[4..]) * 100) + TwoDigits(
            trimmed[6..]);
        if (!IsDate(number))
            return false;
        value = new DateOnly(number / 10_000, number / 100 % 100, number % 100);
        error = FrameErrorKind.None;
        return true;
    }

    /// <summary>Whether a number of the form YYYYMMDD is a date of the calendar.</summary>
    public static bool IsDate(long number)
    {
        var (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        return year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth((int)year, (int)month);
    }

    /// <summary>
    /// Reads a code of up to eight visible ASCII characters as the number that code enums use: its characters, the first most significant.
    /// </summary>
    public static bool TryReadCode(ReadOnlySpan<byte> trimmed, out ulong value, out FrameErrorKind error)
    {
        value = 0;
        error = FrameErrorKind.InvalidCode;
        if (trimmed.Length is 0 or > MaxCodeLength || trimmed.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        foreach (var c in trimmed)
            value = (value << 8) | c;
        error = FrameErrorKind.None;
        return true;
    }

    /// <summary>Checks that a field is valid for the type of its column, without keeping the value.</summary>
    public static bool TryCheck(ReadOnlySpan<byte> trimmed, ColumnType type, out FrameErrorKind error)
    {
        error = FrameErrorKind.None;
        switch (type)
        {
            case ColumnType.Text:
                if (Utf8.IsValid(trimmed))
                    return true;
                error = FrameErrorKind.InvalidUtf8;
                return false;
            case ColumnType.Code:
                return IsAbsent(trimmed) || TryReadCode(trimmed, out _, out error);
            case ColumnType.Integer:
                return IsAbsentValue(trimmed) || TryReadInteger(trimmed, out _, out error);
            case ColumnType.Decimal:
                return IsAbsentValue(trimmed) || TryReadDecimal(trimmed, out _, out error);
            case ColumnType.Time:
                return IsAbsent(trimmed, type) || TryReadTime(trimmed, out _, out error);
            case ColumnType.Date:
                return IsAbsent(trimmed, type) || TryReadDate(trimmed, out _, out error);
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, message: null);
        }
    }

    /// <summary>Whether this text is an absent value for a column of this type.</summary>
    public static bool IsAbsent(ReadOnlySpan<byte> trimmed, ColumnType type) => type switch
    {
        ColumnType.Text or ColumnType.Code => IsAbsent(trimmed),
        ColumnType.Date => IsAbsentValue(trimmed) || IsZeros(trimmed),
        ColumnType.Time => IsAbsentValue(trimmed) || (trimmed.Length != TimeLength && IsZeros(trimmed)),
        _ => IsAbsentValue(trimmed),
    };

    private static bool IsZeros(ReadOnlySpan<byte> trimmed) => !trimmed.ContainsAnyExcept((byte)'0');

    private static bool TryReadLongDecimal(ReadOnlySpan<byte> trimmed, out decimal value, out FrameErrorKind error)
    {
        value = 0;
        if (!NumberText.TryParse(trimmed, out var number))
        {
            error = FrameErrorKind.InvalidNumber;
            return false;
        }

        // A number that does not fit is rounded, which is detected by its smaller scale.
        if (number.Digits > MaxMantissaDigits
            || !decimal.TryParse(
                trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)
            || value.Scale != number.Fraction.Length)
        {
            value = 0;
            error = FrameErrorKind.NumberOutOfRange;
            return false;
        }

        if (value == 0)
            value = Math.Abs(value);
        error = FrameErrorKind.None;
        return true;
    }

    private static int TwoDigits(ReadOnlySpan<byte> text) => ((text[0] - '0') * 10) + (text[1] - '0');

    private static bool IsNaN(ReadOnlySpan<byte> trimmed)
    {
        var name = trimmed is [(byte)'-', ..] or [(byte)'+', ..] ? trimmed[1..] : trimmed;
        return System.Text.Ascii.EqualsIgnoreCase(name, "nan"u8);
    }
}
