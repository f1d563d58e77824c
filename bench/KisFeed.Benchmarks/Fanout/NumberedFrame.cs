using System.Text;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The frame for all consumers: an index trade of constant length whose accumulated volume is its number.</summary>
internal static class NumberedFrame
{
    /// <summary>The number of the first frame; all numbers have as many digits.</summary>
    public const int First = 100_000_000;

    private const string Prefix = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^";
    private const string Suffix =
        "^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    private const int Digits = 9;
    private const int HeaderLength = 4;

    private static ReadOnlySpan<byte> FinalText => [0x81, 126];

    /// <summary>Bytes of the text.</summary>
    public static int Length => Prefix.Length + Digits + Suffix.Length;

    /// <summary>The number of a frame.</summary>
    public static int NumberOf(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var digit in text.Slice(Prefix.Length, Digits))
            number = (number * 10) + (digit - '0');
        return number;
    }

    /// <summary>Creates a buffer of complete WebSocket frames.</summary>
    public static byte[] Repeat(int count)
    {
        var text = Encoding.ASCII.GetBytes($"{Prefix}{First}{Suffix}");
        byte[] one = [.. FinalText, (byte)(text.Length >> 8), (byte)text.Length, .. text];
        return [.. Enumerable.Repeat(one, count).SelectMany(static frame => frame)];
    }

    /// <summary>Sets the numbers of the first frames in a buffer, and returns their length.</summary>
    public static int SetNumbers(Span<byte> frames, int first, int count)
    {
        var length = HeaderLength + Length;
        for (var i = 0; i < count; i++)
        {
            var digits = frames.Slice((i * length) + HeaderLength + Prefix.Length, Digits);
            for (int digit = Digits - 1, remaining = first + i; digit >= 0; digit--, remaining /= 10)
                digits[digit] = (byte)('0' + (remaining % 10));
        }

        return count * length;
    }
}
