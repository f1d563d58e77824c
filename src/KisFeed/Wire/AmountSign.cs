namespace KisFeed.Wire;

/// <summary>
/// Gives a fall its minus where the broker sends the amount without one, beside a column with the direction. An amount that has a minus keeps it.
/// </summary>
internal static class AmountSign
{
    /// <summary>The size of the buffer for <see cref="Apply"/>. A longer text is not a number.</summary>
    public const int MaxLength = 64;

    /// <summary>Returns the field, with a minus if the column with the direction says that it is a fall.</summary>
    /// <param name="signColumn">The column with the direction; -1 if the amount is sent signed.</param>
    /// <param name="fields">The record.</param>
    /// <param name="field">The amount as sent.</param>
    /// <param name="buffer">Receives the text with the minus.</param>
    public static ReadOnlySpan<byte> Apply(int signColumn, scoped in RecordFields fields, ReadOnlySpan<byte> field, Span<byte> buffer)
    {
        if (signColumn < 0 || FieldText.Trim(fields[signColumn]) is not [(byte)'4' or (byte)'5'])
            return field;
        var text = FieldText.Trim(field).TrimStart((byte)'+');
        if (text.Length >= buffer.Length || text is [] || !(char.IsAsciiDigit((char)text[0]) || text[0] == (byte)'.'))
            return field;
        buffer[0] = (byte)'-';
        text.CopyTo(buffer[1..]);
        return buffer[..(text.Length + 1)];
    }
}
