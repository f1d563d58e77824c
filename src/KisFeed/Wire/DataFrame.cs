using System.Buffers;

namespace KisFeed.Wire;

/// <summary>
/// A data frame split at its first three separators: <c>flag|TR_ID|count|payload</c>.
/// Further <c>|</c> belong to the payload. A view, valid as long as the underlying bytes.
/// </summary>
public readonly ref struct DataFrame
{
    /// <summary>The most records that a frame may announce: nine digits.</summary>
    public const int MaxCount = 999_999_999;

    internal const int MaxTrIdLength = 16;
    private const int MaxCountDigits = 9;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _trIdEnd;
    private readonly DateOnly _statedDay;

    private DataFrame(ReadOnlySpan<byte> bytes, int trIdEnd, int count, int payloadOffset)
    {
        _bytes = bytes;
        _trIdEnd = trIdEnd;
        Count = count;
        PayloadOffset = payloadOffset;
    }

    /// <summary>The whole frame as received, without line ends and NULs at its end.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether the payload is encrypted (flag 1).</summary>
    public bool IsEncrypted => _bytes[0] == (byte)'1';

    /// <summary>The TR ID, ASCII.</summary>
    public ReadOnlySpan<byte> TrId => _bytes[2.._trIdEnd];

    /// <summary>
    /// The trading day that the source states for the frame: see <see cref="FrameShape.StatedDay"/>. It is not part of the bytes.
    /// </summary>
    public DateOnly? StatedDay
    {
        get => _statedDay == default ? null : _statedDay;
        init => _statedDay = value ?? default;
    }

    /// <summary>Records in the payload, at least 1.</summary>
    public int Count { get; }

    /// <summary>The offset of the payload.</summary>
    public int PayloadOffset { get; }

    /// <summary>The records in one <c>^</c>-separated list; base64 if encrypted.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[PayloadOffset..];

    /// <summary>Whether a message is a data frame by its first byte: control messages begin with <c>{</c>.</summary>
    public static bool IsDataFrame(ReadOnlySpan<byte> message) => message is [(byte)'0' or (byte)'1', ..];

    /// <summary>Whether a frame can carry this TR ID: 1 to 16 letters and digits.</summary>
    public static bool IsTrId(ReadOnlySpan<char> trId) =>
        trId.Length is > 0 and <= MaxTrIdLength && !trId.ContainsAnyExcept(WireCharacters.LetterAndDigitCharacters);

    /// <summary>Splits a frame without reading the payload. Line ends and NULs at its end are not part of it.</summary>
    // flag "|" trId "|" count "|" payload ;  flag = "0" / "1" ;  trId = 1*16(ALPHA / DIGIT) ;  count = 1*9DIGIT
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DataFrame frame, out FrameError error)
    {
        bytes = WithoutEnd(bytes);
        if (FastHeaderParser.TryRead(bytes, out var usual))
        {
            frame = new DataFrame(bytes, FastHeaderParser.TrIdEnd, usual, FastHeaderParser.Length);
            error = default;
            return true;
        }

        return TryParseAny(bytes, out frame, out error);
    }

    /// <summary>Splits a received frame, and keeps the day that its source states.</summary>
    public static bool TryParse(in Frame received, out DataFrame frame, out FrameError error)
    {
        if (!TryParse(received.Bytes.Span, out frame, out error))
            return false;
        frame = frame with { StatedDay = received.StatedDay };
        return true;
    }

    /// <summary>Like <see cref="TryParse(ReadOnlySpan{byte}, out DataFrame, out FrameError)"/>, byte by byte.</summary>
    internal static bool TryParseAny(ReadOnlySpan<byte> bytes, out DataFrame frame, out FrameError error)
    {
        frame = default;
        bytes = WithoutEnd(bytes);
        if (bytes.IsEmpty)
            return Fail(FrameErrorKind.Empty, 0, out error);
        if (bytes[0] is not ((byte)'0' or (byte)'1'))
            return Fail(FrameErrorKind.UnknownFlag, 0, out error);
        if (bytes.Length < 2 || bytes[1] != (byte)'|')
            return Fail(FrameErrorKind.MissingSeparator, 1, out error);

        var trIdLength = bytes[2..].IndexOf((byte)'|');
        if (trIdLength < 0)
            return Fail(FrameErrorKind.MissingSeparator, bytes.Length, out error);
        var trId = bytes.Slice(2, trIdLength);
        if (trIdLength is 0 or > MaxTrIdLength || trId.ContainsAnyExcept(WireCharacters.LettersAndDigits))
            return Fail(FrameErrorKind.InvalidTrId, 2, out error);

        var countOffset = 2 + trIdLength + 1;
        var countLength = bytes[countOffset..].IndexOf((byte)'|');
        if (countLength < 0)
            return Fail(FrameErrorKind.MissingSeparator, bytes.Length, out error);
        var count = 0;
        foreach (var digit in bytes.Slice(countOffset, countLength))
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return Fail(FrameErrorKind.InvalidCount, countOffset, out error);
            count = unchecked((count * 10) + (digit - '0'));
        }

        if (countLength is 0 or > MaxCountDigits || count == 0)
            return Fail(FrameErrorKind.InvalidCount, countOffset, out error);

        frame = new DataFrame(bytes, 2 + trIdLength, count, countOffset + countLength + 1);
        error = default;
        return true;
    }

    /// <summary>Whether the text ends with bytes that are ignored after a frame: line ends and NULs.</summary>
    internal static bool EndsWithLineEnd(ReadOnlySpan<byte> bytes) => bytes is [.., (byte)'\r' or (byte)'\n' or 0];

    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> bytes) =>
        EndsWithLineEnd(bytes) ? bytes.TrimEnd("\r\n\0"u8) : bytes;

    private static bool Fail(FrameErrorKind kind, int position, out FrameError error)
    {
        error = new FrameError(kind, position);
        return false;
    }
}

/// <summary>Sets of bytes that have a meaning in the wire format.</summary>
internal static class WireCharacters
{
    public static SearchValues<byte> LettersAndDigits { get; } =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static SearchValues<char> LetterAndDigitCharacters { get; } =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Control characters that no text of the broker contains, except tabs and line breaks.</summary>
    public static SearchValues<byte> Controls { get; } = SearchValues.Create(
        "\0\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"u8);
}
