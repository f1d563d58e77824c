using System.Buffers.Text;
using System.Globalization;

namespace KisFeed.Benchmarks.Decode;

/// <summary>Reads a frame of one record with the framework's span parsers, without allocations: the baseline of careful code without own vectors.</summary>
internal static class SpanRecord
{
    private const byte Separator = (byte)'^';

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">A frame of one record.</param>
    /// <param name="isNumeric">Which columns are numbers.</param>
    /// <param name="texts">The ranges of the other fields, by column.</param>
    /// <param name="numbers">The numbers, by column.</param>
    public static void Read(ReadOnlySpan<byte> frame, bool[] isNumeric, Span<Range> texts, Span<decimal> numbers)
    {
        var position = frame.LastIndexOf((byte)'|') + 1;
        for (var column = 0; column < isNumeric.Length; column++)
        {
            var rest = frame[position..];
            var length = rest.IndexOf(Separator);
            var field = length < 0 ? rest : rest[..length];
            if (isNumeric[column])
            {
                if (!Utf8Parser.TryParse(field, out decimal number, out var consumed) || consumed != field.Length)
                    throw new FormatException($"column {column} is not a number");
                numbers[column] = number;
            }
            else
            {
                texts[column] = position..(position + field.Length);
            }

            position += field.Length + 1;
        }
    }
}

/// <summary>
/// Reads a frame the way that published samples do: <see cref="string.Split(char, StringSplitOptions)"/> and <see cref="decimal.Parse(string, IFormatProvider)"/> into an object.
/// The input is a string, so that the conversion of the received bytes is not measured. Nothing is checked.
/// </summary>
internal sealed class SplitRecord
{
    private SplitRecord(string[] texts, decimal[] numbers)
    {
        Texts = texts;
        Numbers = numbers;
    }

    public string[] Texts { get; }

    public decimal[] Numbers { get; }

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">A frame of one record.</param>
    /// <param name="numeric">The numeric columns.</param>
    public static SplitRecord Read(string frame, int[] numeric)
    {
        var payload = frame.Split('|')[3];
        var fields = payload.Split('^');
        var numbers = new decimal[numeric.Length];
        for (var i = 0; i < numeric.Length; i++)
            numbers[i] = decimal.Parse(fields[numeric[i]], CultureInfo.InvariantCulture);
        return new SplitRecord(fields, numbers);
    }
}
