namespace KisFeed.Wire;

/// <summary>The parts of a number's text: sign, integer digits without leading zeros, fraction digits as sent.</summary>
internal readonly ref struct NumberText
{
    private NumberText(bool isNegative, ReadOnlySpan<byte> integer, ReadOnlySpan<byte> fraction)
    {
        IsNegative = isNegative;
        Integer = integer;
        Fraction = fraction;
    }

    public bool IsNegative { get; }

    public ReadOnlySpan<byte> Integer { get; }

    public ReadOnlySpan<byte> Fraction { get; }

    public int Digits => Integer.Length + Fraction.Length;

    public bool IsZero => Integer.IsEmpty && !Fraction.ContainsAnyExcept((byte)'0');

    public static bool TryParse(ReadOnlySpan<byte> trimmed, out NumberText number)
    {
        number = default;
        if (trimmed.IsEmpty)
            return false;
        var negative = trimmed[0] == (byte)'-';
        var rest = negative || trimmed[0] == (byte)'+' ? trimmed[1..] : trimmed;
        var point = rest.IndexOf((byte)'.');
        var integer = point < 0 ? rest : rest[..point];
        var fraction = point < 0 ? default : rest[(point + 1)..];
        if (integer.Length + fraction.Length == 0
            || integer.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        number = new NumberText(negative, integer.TrimStart((byte)'0'), fraction);
        return true;
    }

    /// <summary>
    /// Writes the number in JSON form: no plus, no leading zeros, the scale as sent; a whole number without decimal places.
    /// </summary>
    public int Format(Span<byte> destination, ColumnType type)
    {
        var length = 0;
        if (IsNegative && !IsZero)
            destination[length++] = (byte)'-';
        if (Integer.IsEmpty)
            destination[length++] = (byte)'0';
        Integer.CopyTo(destination[length..]);
        length += Integer.Length;
        if (!Fraction.IsEmpty && type != ColumnType.Integer)
        {
            destination[length++] = (byte)'.';
            Fraction.CopyTo(destination[length..]);
            length += Fraction.Length;
        }

        return length;
    }
}
