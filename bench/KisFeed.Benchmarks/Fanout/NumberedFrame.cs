using System.Text;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The frame that is sent to everybody: an index trade whose accumulated volume is its number, always of the same length.</summary>
internal static class NumberedFrame
{
    /// <summary>The number of the first: all have as many digits as this.</summary>
    public const int First = 100_000_000;

    private const string Beginning = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^";
    private const string End = "^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    private const int Digits = 9;
    private const int HeaderLength = 4;

    private static ReadOnlySpan<byte> FinalText => [0x81, 126];

    /// <summary>Bytes of the text.</summary>
    public static int Length => Beginning.Length + Digits + End.Length;

    /// <summary>The number of a frame.</summary>
    public static int NumberOf(ReadOnlySpan<byte> text)
    {
        var number = 0;
        foreach (var digit in text.Slice(Beginning.Length, Digits))
            number = (number * 10) + (digit - '0');
        return number;
    }

    /// <summary>Whole WebSocket frames as a server sends them, as many as are wanted at most at once.</summary>
    public static byte[] Many(int count)
    {
        var text = Encoding.ASCII.GetBytes($"{Beginning}{First}{End}");
        byte[] one = [.. FinalText, (byte)(text.Length >> 8), (byte)text.Length, .. text];
        return [.. Enumerable.Repeat(one, count).SelectMany(static frame => frame)];
    }

    /// <summary>Gives the frames that stand at the beginning their numbers, and tells where they end.</summary>
    public static int Number(Span<byte> frames, int first, int count)
    {
        var length = HeaderLength + Length;
        for (var i = 0; i < count; i++)
        {
            var digits = frames.Slice((i * length) + HeaderLength + Beginning.Length, Digits);
            for (int place = Digits - 1, left = first + i; place >= 0; place--, left /= 10)
                digits[place] = (byte)('0' + (left % 10));
        }

        return count * length;
    }
}
