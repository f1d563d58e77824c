using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace KisFeed.Benchmarks.Serving;

/// <summary>A moment of this machine's steady clock in eight digits: microseconds that begin anew after a minute and a half. Processes of one machine share the clock.</summary>
internal static class Stamp
{
    private const long Least = 10_000_000;
    private const long Span = 90_000_000;

    /// <summary>The present moment.</summary>
    public static long Now => Least + (Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000) % Span);

    /// <summary>The microseconds since a stamp.</summary>
    public static int Since(long stamp) => (int)((Now - stamp + Span) % Span);

    /// <summary>Writes the present moment.</summary>
    public static void Write(Span<byte> digits) => Now.TryFormat(digits, out _, default, CultureInfo.InvariantCulture);

    /// <summary>Reads a stamp.</summary>
    public static long Read(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out long stamp, out var length) && length == PreparedFrames.StampDigits
        ? stamp
        : throw new FormatException("a frame has no stamp where there should be one");
}
