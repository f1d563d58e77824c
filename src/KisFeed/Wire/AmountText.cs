namespace KisFeed.Wire;

/// <summary>
/// Completes the text of an amount by what the broker sends elsewhere: a fall gets its minus, whose direction is in another column, and a
/// price its decimal point, whose place is that of the contract. An amount that has a minus keeps it.
/// </summary>
internal static class AmountText
{
    public const int MaxLength = 64;

    /// <summary>The most characters by which an amount can become longer.</summary>
    public const int MaxGrowth = PriceScales.MaxPlaces + 3;

    // What remains for digits beside a minus, a decimal point and the zeros around it. A number with more is not valid.
    private const int MaxDigits = MaxLength - MaxGrowth;

    /// <summary>Returns the text of a column: as sent, or completed.</summary>
    /// <param name="column">The column.</param>
    /// <param name="fields">The record.</param>
    /// <param name="index">The index of the column.</param>
    /// <param name="buffer">Receives a completed text; at least <see cref="MaxLength"/> long.</param>
    public static ReadOnlySpan<byte> Of(Column column, scoped in RecordFields fields, int index, Span<byte> buffer)
    {
        var field = fields[index];
        if (column.SignColumn < 0 && !column.IsScaled)
            return field;
        var isFall = column.SignColumn >= 0 && FieldText.Trim(fields[column.SignColumn]) is [(byte)'4' or (byte)'5'];
        var places = column.IsScaled ? fields.PriceScale ?? 0 : 0;
        if (!isFall && places == 0)
            return field;
        return TryComplete(FieldText.Trim(field), isFall, places, buffer, out var length) ? buffer[..length] : field;
    }

    private static bool TryComplete(ReadOnlySpan<byte> text, bool isFall, int places, Span<byte> buffer, out int length)
    {
        length = 0;
        if (!NumberText.TryParse(text, out var number) || number.Digits > MaxDigits)
            return false;
        if (number.IsNegative || isFall)
            buffer[length++] = (byte)'-';
        var integer = number.Integer;
        var point = integer.Length - places;
        if (point <= 0)
            buffer[length++] = (byte)'0';
        Append(integer[..Math.Max(0, point)], buffer, ref length);
        if (places + number.Fraction.Length > 0)
            buffer[length++] = (byte)'.';
        for (; point < 0; point++)
            buffer[length++] = (byte)'0';
        Append(integer[Math.Max(0, point)..], buffer, ref length);
        Append(number.Fraction, buffer, ref length);
        return true;
    }

    private static void Append(ReadOnlySpan<byte> text, Span<byte> buffer, ref int length)
    {
        text.CopyTo(buffer[length..]);
        length += text.Length;
    }
}
