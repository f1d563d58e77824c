namespace KisFeed.Wire;

/// <summary>
/// A data frame split at its first three separators: <c>flag|TR_ID|count|payload</c>.
/// Further <c>|</c> belong to the payload. A view: valid as long as the bytes it was made from.
/// </summary>
public readonly ref struct DataFrame
{
    /// <summary>The most records that a frame may announce: nine digits.</summary>
    public const int MaxCount = 999_999_999;

    private const int MaxTrIdLength = 16;
    private const int MaxCountDigits = 9;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _trIdEnd;

    private DataFrame(ReadOnlySpan<byte> bytes, int trIdEnd, int count, int payloadOffset)
    {
        _bytes = bytes;
        _trIdEnd = trIdEnd;
        Count = count;
        PayloadOffset = payloadOffset;
    }

    /// <summary>The whole frame as received.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether the payload is encrypted (flag 1).</summary>
    public bool IsEncrypted => _bytes[0] == (byte)'1';

    /// <summary>The TR ID, ASCII.</summary>
    public ReadOnlySpan<byte> TrId => _bytes[2.._trIdEnd];

    /// <summary>Records in the payload, at least 1.</summary>
    public int Count { get; }

    /// <summary>Where the payload begins.</summary>
    public int PayloadOffset { get; }

    /// <summary>The records, one after another in one <c>^</c>-separated list; base64 where encrypted.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[PayloadOffset..];

    /// <summary>Whether a message is meant to be a data frame: control messages begin with <c>{</c>.</summary>
    public static bool IsDataFrame(ReadOnlySpan<byte> message) => message is [(byte)'0' or (byte)'1', ..];

    /// <summary>Whether a frame can carry this TR ID: 1 to 16 letters and digits.</summary>
    public static bool IsTrId(ReadOnlySpan<char> trId) => trId.Length is > 0 and <= MaxTrIdLength && !trId.ContainsAnyExcept(WireCharacters.LetterAndDigitCharacters);

    /// <summary>Splits a frame. Reads nothing of the payload.</summary>
    // flag "|" trId "|" count "|" payload ;  flag = "0" / "1" ;  trId = 1*16(ALPHA / DIGIT) ;  count = 1*9DIGIT
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DataFrame frame, out FrameError error)
    {
        if (FastHeaderParser.TryRead(bytes, out var usual))
        {
            frame = new DataFrame(bytes, FastHeaderParser.TrIdEnd, usual, FastHeaderParser.Length);
            error = default;
            return true;
        }

        return TryParseAny(bytes, out frame, out error);
    }

    /// <summary>As <see cref="TryParse"/>, byte by byte.</summary>
    internal static bool TryParseAny(ReadOnlySpan<byte> bytes, out DataFrame frame, out FrameError error)
    {
        frame = default;
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

    private static bool Fail(FrameErrorKind kind, int position, out FrameError error)
    {
        error = new FrameError(kind, position);
        return false;
    }
}
