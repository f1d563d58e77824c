namespace KisFeed.Capture.Tests;

/// <summary>Frames for captures.</summary>
internal static class Ticks
{
    /// <summary>Friday, 2026-11-20, 09:00 in Korea.</summary>
    public static DateTimeOffset Opening { get; } = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An index trade identified by its number, which is also its cumulative volume; each trade adds 1.</summary>
    public static byte[] Index(int number, string key = "0001") =>
        System.Text.Encoding.UTF8.GetBytes($"0|H0UPCNT0|001|{IndexRecord(number, key)}");

    public static string IndexRecord(int number, string key = "0001") => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{key}^091240^2624.54^2^32.68^{number}^1650684^1^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^"
            + $"1.27^0.70^0^670^72^177^0^0^0^19");

    public static byte[] Bond(int number) => System.Text.Encoding.UTF8.GetBytes(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"0|H0BJCNT0|001|KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0.00^3.012^3.037^3."
            + $"010^3.037^{number}^9874082^2"));

    public static byte[] Notice(int number) => System.Text.Encoding.UTF8.GetBytes(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"0|H0IFCNI0|001|KIM1234^1234567803^{number:0000000000}^^02^0^L^101W12^0^0^093000^0^1^1^00950^7^김철수^"
            + $"코스피200 F 202612^0^^^000087170"));

    /// <summary>The time of a numbered frame; consecutive numbers are a millisecond apart.</summary>
    public static DateTimeOffset At(int number) => Opening.AddMilliseconds(number);
}
