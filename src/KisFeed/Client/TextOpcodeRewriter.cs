namespace KisFeed.Client;

/// <summary>
/// Walks the WebSocket frames of a server, however the bytes are split, and turns text messages into binary ones by changing the opcode in place.
/// Does not validate frames: the reader behind it finds their errors (RFC 6455, section 5.2). A mutable struct: keep it in a field, do not copy it.
/// </summary>
internal struct TextOpcodeRewriter
{
    private const int OpcodeBits = 0x0F;
    private const int TextOpcode = 0x1;
    private const int TextToBinary = 0x1 ^ 0x2;
    private const int MaskBit = 0x80;
    private const int MaskLength = 4;
    private const int LengthOf2Bytes = 126;
    private const int LengthOf8Bytes = 127;

    // Bytes of the payload, and of the mask before it if there is one.
    private ulong _bytesToSkip;
    private ulong _length;
    private int _lengthBytes;
    private bool _isMasked;
    private bool _hasFirstByte;

    /// <summary>Rewrites the next bytes of the connection.</summary>
    // FIN RSV1-3 opcode ; MASK length = 7BIT / %x7E 2OCTET / %x7F 8OCTET ; [4OCTET mask] ; payload
    public void Rewrite(Span<byte> bytes)
    {
        while (_bytesToSkip < (uint)bytes.Length)
        {
            bytes = bytes[(int)_bytesToSkip..];
            _bytesToSkip = 0;
            if (!_hasFirstByte)
                ReadFirstByte(ref bytes[0]);
            else if (_lengthBytes == 0)
                ReadSecondByte(bytes[0]);
            else
                ReadLengthByte(bytes[0]);
            bytes = bytes[1..];
        }

        _bytesToSkip -= (uint)bytes.Length;
    }

    private void ReadFirstByte(ref byte first)
    {
        if ((first & OpcodeBits) == TextOpcode)
            first ^= TextToBinary;
        _hasFirstByte = true;
    }

    private void ReadSecondByte(byte second)
    {
        _isMasked = (second & MaskBit) != 0;
        var length = second & ~MaskBit;
        if (length < LengthOf2Bytes)
        {
            EndHeader((uint)length);
            return;
        }

        _lengthBytes = length == LengthOf8Bytes ? 8 : 2;
        _length = 0;
    }

    private void ReadLengthByte(byte next)
    {
        _length = (_length << 8) | next;
        if (--_lengthBytes == 0)
            EndHeader(_length);
    }

    private void EndHeader(ulong length)
    {
        _bytesToSkip = length + (_isMasked ? MaskLength : 0UL);
        _hasFirstByte = false;
    }
}
