using System.Buffers;

namespace KisFeed.Wire;

/// <summary>The texts that the broker sends where there is no value, numbered so that a record can be written as it was read.</summary>
internal static class AbsentText
{
    // A number above this one stands for zeros: as many as it is greater.
    private const int Zeros = 16;
    private const int MaxZeros = 64;

    /// <summary>The number of a text; 0 for an empty one, and for one that is not kept.</summary>
    public static ulong NumberOf(ReadOnlySpan<byte> trimmed)
    {
        if (trimmed.IsEmpty)
            return 0;
        if (trimmed[0] == (byte)'0')
            return Zeros + (ulong)trimmed.Length;
        for (var number = 1; number < Zeros; number++)
        {
            var text = TextOf((ulong)number);
            if (text.IsEmpty)
                return 0;
            if (trimmed.SequenceEqual(text))
                return (ulong)number;
        }

        return 0;
    }

    public static void Write(ulong number, IBufferWriter<byte> output)
    {
        if (number <= Zeros)
        {
            output.Write(TextOf(number));
            return;
        }

        var length = (int)Math.Min(number - Zeros, MaxZeros);
        output.GetSpan(length)[..length].Fill((byte)'0');
        output.Advance(length);
    }

    private static ReadOnlySpan<byte> TextOf(ulong number) => number switch
    {
        1 => "(null)"u8,
        2 => "nan"u8,
        3 => "-nan"u8,
        4 => "NaN"u8,
        5 => "NAN"u8,
        _ => default,
    };
}
