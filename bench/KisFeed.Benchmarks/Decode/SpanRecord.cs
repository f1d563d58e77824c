using System.Buffers.Text;
using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>Reads a frame of one record with the framework's span parsers, allocating nothing: what careful code without vectors of its own comes to.</summary>
internal static class SpanRecord
{
    private const byte Separator = (byte)'^';

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">A frame of one record.</param>
    /// <param name="isNumeric">Which columns are numbers.</param>
    /// <param name="texts">Where the fields are.</param>
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
                    throw new FormatException($"column {column} is no number");
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
/// It begins with a string, so that making one of the received bytes is not counted against it; and it checks nothing.
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
    /// <param name="numeric">Which columns are numbers: those that the record type reads as such.</param>
    public static SplitRecord Read(string frame, int[] numeric)
    {
        var payload = frame.Split('|')[3];
        var fields = payload.Split('^');
        var numbers = new decimal[numeric.Length];
        for (var i = 0; i < numeric.Length; i++)
            numbers[i] = decimal.Parse(fields[numeric[i]], CultureInfo.InvariantCulture);
        return new SplitRecord(fields, numbers);
    }

    /// <summary>The columns that this reads as numbers.</summary>
    public static int[] NumericColumns(FeedSchema feed) => [.. feed.Columns.Index().Where(c => c.Item.IsNumeric).Select(c => c.Index)];
}
