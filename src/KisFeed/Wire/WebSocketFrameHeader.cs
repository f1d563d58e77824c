using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KisFeed.Wire;

/// <summary>
/// The header of a WebSocket frame (RFC 6455, section 5.2). Reading does not validate: any opcode, reserved bits and lengths in more
/// bytes than necessary are accepted.
/// </summary>
/// <param name="First">The first byte: FIN, the reserved bits and the opcode.</param>
/// <param name="IsMasked">Whether the payload is masked. The mask is the last four bytes of the header.</param>
/// <param name="Length">The length of the header in bytes, including the mask.</param>
/// <param name="PayloadLength">The length of the payload in bytes, as sent; any value is possible.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WebSocketFrameHeader(byte First, bool IsMasked, int Length, ulong PayloadLength)
{
    public const int MaxLength = LongLength + MaskLength;

    public const int MaxUnmaskedLength = LongLength;

    public const int MaskLength = 4;

    private const int ShortLength = 2;
    private const int MiddleLength = 4;
    private const int LongLength = 10;
    private const int LengthOf2Bytes = 126;
    private const int LengthOf8Bytes = 127;
    private const int MaskBit = 0x80;
    private const int FinalBit = 0x80;
    private const int FinalText = FinalBit | (int)WebSocketOpcode.Text;
    private const int FinalBinary = FinalBit | (int)WebSocketOpcode.Binary;
    private const int OpcodeBits = 0x0F;
    private const int ControlBit = 0x08;

    public WebSocketOpcode Opcode => OpcodeOf(First);

    /// <summary>Whether this is a control frame or the last fragment of a message.</summary>
    public bool IsFinal => (First & FinalBit) != 0;

    public bool IsControl => (First & ControlBit) != 0;

    /// <summary>Whether the frame is a whole text or binary message, without extensions.</summary>
    public bool IsWholeMessage => First is FinalText or FinalBinary;

    public static WebSocketOpcode OpcodeOf(byte first) => (WebSocketOpcode)(first & OpcodeBits);

    /// <summary>
    /// Reads the header at the beginning of these bytes. Returns <see langword="false"/> if the length of the payload is not known
    /// yet. The mask may still be missing.
    /// </summary>
    // FIN RSV1-3 opcode ; MASK length = 7BIT / %x7E 2OCTET / %x7F 8OCTET ; [4OCTET mask] ; payload
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WebSocketFrameHeader header)
    {
        header = default;
        if (bytes.Length < ShortLength)
            return false;

        var isMasked = (bytes[1] & MaskBit) != 0;
        var length = ShortLength;
        ulong payloadLength = (uint)(bytes[1] & ~MaskBit);
        if (payloadLength >= LengthOf2Bytes)
        {
            length = payloadLength == LengthOf8Bytes ? LongLength : MiddleLength;
            if (bytes.Length < length)
                return false;
            payloadLength = length == LongLength
                ? BinaryPrimitives.ReadUInt64BigEndian(bytes[ShortLength..])
                : BinaryPrimitives.ReadUInt16BigEndian(bytes[ShortLength..]);
        }

        header = new WebSocketFrameHeader(bytes[0], isMasked, isMasked ? length + MaskLength : length, payloadLength);
        return true;
    }

    /// <summary>
    /// Writes the header of an unmasked frame, as short as possible. Returns its length, at most <see cref="MaxUnmaskedLength"/>.
    /// </summary>
    public static int Write(Span<byte> output, WebSocketOpcode opcode, int payloadLength, bool isFinal = true)
    {
        output[0] = (byte)((isFinal ? FinalBit : 0) | (int)opcode);
        switch (payloadLength)
        {
            case < LengthOf2Bytes:
                output[1] = (byte)payloadLength;
                return ShortLength;
            case <= ushort.MaxValue:
                output[1] = LengthOf2Bytes;
                BinaryPrimitives.WriteUInt16BigEndian(output[ShortLength..], (ushort)payloadLength);
                return MiddleLength;
            default:
                output[1] = LengthOf8Bytes;
                BinaryPrimitives.WriteUInt64BigEndian(output[ShortLength..], (ulong)payloadLength);
                return LongLength;
        }
    }
}

/// <summary>The opcodes of WebSocket frames. Others are protocol errors.</summary>
internal enum WebSocketOpcode
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}
