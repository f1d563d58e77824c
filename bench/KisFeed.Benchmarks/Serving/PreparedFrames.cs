using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace KisFeed.Benchmarks.Serving;

/// <summary>Frames with WebSocket headers in a piece of about 64 KB, which is sent repeatedly.</summary>
internal sealed class PreparedFrames
{
    /// <summary>The number of digits of a stamp.</summary>
    public const int StampDigits = 8;

    private const string Index = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^"
        + "32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    private const string Bond = "0|H0BJCNT0|001|KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0."
        + "00^3.012^3.037^3.010^3.037^6594124^9874082^2";
    private const string Program =
        "0|H0STPGM0|001|005930^092237^1413444^109159646900^1189408^91931710200^-224036^-17227936700^65033^15475^-49558";
    private const string StampPrefix = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^";

    private PreparedFrames(IReadOnlyList<string> registrations, IReadOnlyList<string> cycle)
    {
        const int PieceBytes = 64 * 1024;
        Registrations = registrations;
        byte[] once = [.. cycle.SelectMany(f => Framed(Encoding.UTF8.GetBytes(f)))];
        Piece = [.. Enumerable.Repeat(once, Math.Max(1, PieceBytes / once.Length)).SelectMany(b => b)];
    }

    /// <summary>The published index trade.</summary>
    public static PreparedFrames OfIndex { get; } = new(["H0UPCNT0:0001"], [Index]);

    /// <summary>Index trades of two keys, some of them four in a frame, program trading and bonds.</summary>
    public static PreparedFrames OfAll { get; } = new(
        ["H0UPCNT0:0001", "H0UPCNT0:1001", "H0STPGM0:005930", "H0BJCNT0:KR103502GD31"],
        [Index, Program, Index.Replace("|0001^", "|1001^", StringComparison.Ordinal), Bond, Index, Program, Several(Index, 4), Bond]);

    /// <summary>The placeholder for the stamp in <see cref="Stamped"/>.</summary>
    public static ReadOnlySpan<byte> NoStamp => "11111111"u8;

    /// <summary>The registrations of a client, as <c>TRID:KEY</c>.</summary>
    public IReadOnlyList<string> Registrations { get; }

    /// <summary>The bytes to send.</summary>
    public byte[] Piece { get; }

    /// <summary>An index trade with its header, whose accumulated volume is a stamp.</summary>
    public static byte[] Stamped() =>
        Framed(Encoding.ASCII.GetBytes(Index.Replace("^63952^", $"^{Encoding.ASCII.GetString(NoStamp)}^", StringComparison.Ordinal)));

    /// <summary>The offset of the stamp in the text of a frame.</summary>
    public static int StampOffset => StampPrefix.Length;

    private static string Several(string frame, int count)
    {
        var payload = frame[(frame.LastIndexOf('|') + 1)..];
        return $"{frame[..^payload.Length].Replace("|001|", $"|{count:000}|", StringComparison.Ordinal)}"
            + $"{string.Join('^', Enumerable.Repeat(payload, count))}";
    }

    /// <summary>A frame with the header of a text message.</summary>
    public static byte[] Framed(byte[] text)
    {
        const byte FinalText = 0x81;
        const byte LengthOf2Bytes = 126;
        if (text.Length < LengthOf2Bytes)
            return [FinalText, (byte)text.Length, .. text];
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)text.Length);
        return [FinalText, LengthOf2Bytes, .. length, .. text];
    }
}

/// <summary>
/// A timestamp in eight digits: microseconds of the machine's monotonic clock, which wrap around after 90 seconds. The
/// processes of a machine share the clock.
/// </summary>
internal static class Stamp
{
    private const long Min = 10_000_000;
    private const long Span = 90_000_000;

    /// <summary>The current stamp.</summary>
    public static long Now => Min + (Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000) % Span);

    /// <summary>The microseconds since a stamp.</summary>
    public static int Since(long stamp) => (int)((Now - stamp + Span) % Span);

    /// <summary>Writes the current stamp.</summary>
    public static void Write(Span<byte> digits) => Now.TryFormat(digits, out _, default, CultureInfo.InvariantCulture);

    /// <summary>Reads a stamp.</summary>
    public static long Read(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long stamp, out var length) && length == PreparedFrames.StampDigits
            ? stamp
            : throw new FormatException("a frame has no valid stamp");
}

/// <summary>Waits at regular intervals; a late caller catches up.</summary>
internal sealed class Pacer(int rate)
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private long _count;

    /// <summary>Waits for the next interval without using the processor.</summary>
    public void Wait()
    {
        _count++;
        while (TimeSpan.FromSeconds((double)_count / rate) - Stopwatch.GetElapsedTime(_startedAt) is var wait && wait > TimeSpan.Zero)
        {
            if (OperatingSystem.IsLinux())
                _ = SleepMicroseconds((uint)wait.TotalMicroseconds + 1);
            else
                Thread.Sleep(1);
        }
    }

    // Thread.Sleep supports only whole milliseconds.
    [DllImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SleepMicroseconds(uint microseconds);
}
