using System.Buffers;
using System.Text;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator;

/// <summary>Writes unreadable messages. None of them can be mistaken for data.</summary>
internal static class Noise
{
    private const byte NeverInUtf8 = 0xFF;
    private const int Kinds = 8;

    /// <summary>Writes a copy of a data frame with an invalid UTF-8 byte in its payload.</summary>
    public static void WriteInvalidUtf8(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> frame, SeededRandom random)
    {
        var copy = output.GetSpan(frame.Length);
        frame.CopyTo(copy);
        copy[random.Next(PayloadOf(frame), frame.Length - 1)] = NeverInUtf8;
        output.Advance(frame.Length);
    }

    /// <summary>Writes an unreadable message of a random kind.</summary>
    public static void WriteGarbage(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> frame, SeededRandom random)
    {
        var payload = PayloadOf(frame);
        var trId = frame[..(frame[2..].IndexOf((byte)'|') + 2)];
        switch (random.Next(0, Kinds - 1))
        {
            case 0:
                for (var length = random.Next(1, 200); length > 0; length--)
                    Write(output, ((char)random.Next('A', 'z')).ToString());
                break;
            case 1:
                Write(output, """{"header":{"tr_id":"H0UPCNT0","tr_key":""");
                break;
            case 2:
                Write(output, """{"hello":["world"]}""");
                break;
            case 3:
                Write(output, "0|H0NOSUCH|001|a^b^c");
                break;
            case 4:
                // A count larger than the number of fields in any frame.
                output.Write(trId);
                Write(output, "|9999|");
                output.Write(frame[payload..]);
                break;
            case 5:
                output.Write(trId);
                Write(output, "|many|");
                output.Write(frame[payload..]);
                break;
            case 6:
                output.Write(trId);
                Write(output, "|001");
                break;
            default:
                // A message without content.
                break;
        }
    }

    private static int PayloadOf(ReadOnlySpan<byte> frame)
    {
        var start = 0;
        for (var bars = 0; bars < 3; bars++)
            start += frame[start..].IndexOf((byte)'|') + 1;
        return start;
    }

    private static void Write(ArrayBufferWriter<byte> output, string text) => output.Write(Encoding.UTF8.GetBytes(text));
}
