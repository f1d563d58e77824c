namespace KisFeed.PostgreSql.Rows;

/// <summary>A number whose text has at most 18 characters, so that its digits fit 64 bits.</summary>
/// <param name="Mantissa">All digits.</param>
/// <param name="Scale">The number of decimal places, as sent.</param>
/// <param name="IsNegative">Whether there is a minus sign.</param>
internal readonly record struct NumericText(ulong Mantissa, int Scale, bool IsNegative)
{
    /// <summary>The groups of four digits before the point, including leading zeros.</summary>
    public const int IntegerGroups = 5;

    /// <summary>All groups of four digits.</summary>
    public const int MaxGroups = IntegerGroups + 4;

    private const int MaxLength = 18;
    private const int MaxScale = 16; // So that a fraction that is extended to whole groups fits 64 bits.
    private const uint GroupSize = 10_000;

    private static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000,
        10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
    ];

    /// <summary>Reads a number; <see langword="false"/> if it is not a number, or too long.</summary>
    // number = ["+" / "-"] (1*DIGIT ["." *DIGIT] / "." 1*DIGIT)
    public static bool TryParse(ReadOnlySpan<byte> text, out NumericText number)
    {
        number = default;
        if (text.Length is 0 or > MaxLength)
            return false;
        var start = text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        var point = -1;
        var mantissa = 0UL;
        for (var i = start; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
                mantissa = (mantissa * 10) + digit;
            else if (text[i] == (byte)'.' && point < 0)
                point = i;
            else
                return false;
        }

        var scale = point < 0 ? 0 : text.Length - 1 - point;
        if (text.Length - start == (point < 0 ? 0 : 1) || scale > MaxScale)
            return false;
        number = new NumericText(mantissa, scale, text[0] == (byte)'-');
        return true;
    }

    /// <summary>Reads at most 18 digits; <see langword="false"/> if there is anything else.</summary>
    public static bool TryReadDigits(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > MaxLength)
            return false;
        foreach (var c in text)
        {
            var digit = (uint)(c - '0');
            if (digit > 9)
                return false;
            value = (value * 10) + digit;
        }

        return true;
    }

    /// <summary>Splits the digits into groups of four, aligned to the point, and returns the range without zeros at its ends.</summary>
    public (int First, int End) Split(Span<short> groups)
    {
        var power = PowersOfTen[Scale];
        var (integer, fraction) = Scale == 0 ? (Mantissa, 0UL) : Math.DivRem(Mantissa, power);
        var first = IntegerGroups;
        for (; integer > 0; integer /= GroupSize)
            groups[--first] = (short)(integer % GroupSize);
        var fractionGroups = (Scale + 3) / 4;
        fraction *= PowersOfTen[(fractionGroups * 4) - Scale];
        for (var i = fractionGroups - 1; i >= 0; i--, fraction /= GroupSize)
            groups[IntegerGroups + i] = (short)(fraction % GroupSize);
        var end = IntegerGroups + fractionGroups;
        while (end > first && groups[end - 1] == 0)
            end--;
        while (first < end && groups[first] == 0)
            first++;
        return (first, end);
    }
}
