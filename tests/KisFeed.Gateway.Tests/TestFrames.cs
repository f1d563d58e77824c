using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Gateway.Tests;

/// <summary>Data frames as texts.</summary>
internal static class TestFrames
{
    /// <summary>A frame with one record of the index feed.</summary>
    public static string Index(string key, int volume = 1_000) => string.Create(
        CultureInfo.InvariantCulture,
        $"0|H0UPCNT0|001|{key}^091240^2624.54^2^32.68^{volume}^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^"
            + $"1.27^0.70^0^670^72^177^0^0^0^19");

    /// <summary>A frame as the hub gets it.</summary>
    public static FrameItem Item(FeedSchema feed, string frame, DateTimeOffset receivedAt, DateOnly? day = null)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        DataFrame.TryParse(bytes, out var parsed, out _).ShouldBeTrue();
        feed.TryResolve(parsed, out var shape, out _).ShouldBeTrue();
        return new FrameItem(feed, new Frame(bytes, receivedAt) { StatedDay = day }, shape);
    }

    /// <summary>The records of a frame.</summary>
    public static string[] RecordsOf(string frame)
    {
        var parts = frame.Split('|', 4);
        var fields = parts[3].Split('^');
        var count = int.Parse(parts[2], CultureInfo.InvariantCulture);
        (fields.Length % count).ShouldBe(0, frame);
        return [.. fields.Chunk(fields.Length / count).Select(record => string.Join('^', record))];
    }

    /// <summary>The text of an encrypted frame; <see langword="null"/> if it was encrypted with another key.</summary>
    public static string? Decrypt(NoticeCipher cipher, string frame)
    {
        var output = new ArrayBufferWriter<byte>();
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out _).ShouldBeTrue();
        return cipher.TryDecrypt(parsed, output, out _) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }
}
