using System.Buffers.Text;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// Reads a frame of one record with the framework's span parsers, without allocations: the baseline of careful code without own vectors.
/// </summary>
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
