using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace KisFeed.Capture.Files;

/// <summary>The lines of a capture: <c>TIME FRAME</c>, or <c># {…}</c> for events.</summary>
internal static class CaptureText
{
    /// <summary>The length of a time, e.g. <c>2026-11-20T00:00:01.1234567Z</c>.</summary>
    public const int TimeLength = 28;

    private static readonly StandardFormat s_roundTrip = new('O');

    private static readonly SearchValues<byte> s_lineBreaks = SearchValues.Create("\r\n"u8);

    /// <summary>The prefix of an event line.</summary>
    public static ReadOnlySpan<byte> EventPrefix => "# "u8;

    /// <summary>Whether a frame can be written as a line. Otherwise it is written as an event.</summary>
    public static bool IsLine(ReadOnlySpan<byte> frame) => !frame.IsEmpty && !frame.ContainsAny(s_lineBreaks) && Utf8.IsValid(frame);

    /// <summary>Appends the line of a frame.</summary>
    public static void WriteFrame(IBufferWriter<byte> output, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        var span = output.GetSpan(TimeLength + 1 + frame.Length + 1);
        WriteTime(span, receivedAt);
        span[TimeLength] = (byte)' ';
        frame.CopyTo(span[(TimeLength + 1)..]);
        span[TimeLength + 1 + frame.Length] = (byte)'\n';
        output.Advance(TimeLength + 1 + frame.Length + 1);
    }

    /// <summary>Appends a time.</summary>
    public static void WriteTime(IBufferWriter<byte> output, DateTimeOffset time)
    {
        WriteTime(output.GetSpan(TimeLength), time);
        output.Advance(TimeLength);
    }

    /// <summary>Reads the time at the start of a line with a frame.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> line, out DateTimeOffset time)
    {
        time = default;
        return line.Length > TimeLength
            && line[TimeLength] == (byte)' '
            && line[TimeLength - 1] == (byte)'Z'
            && Utf8Parser.TryParse(line[..TimeLength], out time, out var length, 'O')
            && length == TimeLength;
    }

    // Always in UTC and with seven decimals.
    private static void WriteTime(Span<byte> span, DateTimeOffset time)
    {
        if (!Utf8Formatter.TryFormat(time.UtcDateTime, span, out var length, s_roundTrip) || length != TimeLength)
            throw new InvalidOperationException("the formatted time has an unexpected length");
    }
}
