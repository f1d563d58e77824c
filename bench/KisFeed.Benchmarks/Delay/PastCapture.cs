using System.Globalization;
using System.Text;
using KisFeed.Capture;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A recording of the key of the <see cref="StampedService"/>, of an earlier day.</summary>
internal static class PastCapture
{
    /// <summary>A time before its first frame.</summary>
    public const string Begin = "2026-11-20T08:00";

    private static readonly DateTimeOffset s_first = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_day = TimeSpan.FromHours(6.5);

    /// <summary>Writes it.</summary>
    public static void Write(string folder, long frames)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = folder, FlushToDisk = false });
        var random = new Random(1);
        var (price, volume) = (262_454, 63_952L);
        for (var number = 0L; number < frames; number++)
        {
            var traded = random.Next(1, 900);
            price += random.Next(-12, 13);
            volume += traded;
            var at = s_first + (s_day * ((double)number / frames));
            writer.Write("H0UPCNT0", Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"0|H0UPCNT0|001|0001^{at + TimeSpan.FromHours(9):HHmmss}^{price / 100m:0.00}^2^32.68^{volume}^{volume * 25}^{traded}^"
                    + $"{traded * 23}^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^{random.Next(640, 690)}^72^"
                    + $"{random.Next(150, 200)}^0^0^0^19")), at);
            if (writer.IsFull)
                writer.Flush();
        }

        writer.Close();
    }
}
