using System.Buffers.Text;

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
