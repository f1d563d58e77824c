using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Walks the WebSocket frames of a server, however the bytes are split, and turns text messages into binary ones by changing the
/// opcode in place. Does not validate frames: the reader behind it finds their errors (RFC 6455, section 5.2). A mutable struct:
/// keep it in a field, do not copy it.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct TextOpcodeRewriter
{
    private const int TextToBinary = (int)WebSocketOpcode.Text ^ (int)WebSocketOpcode.Binary;

    // The header may arrive in parts. A mask is skipped with the payload.
    private InlineArray10<byte> _header;
    private int _headerCount;
    private ulong _bytesToSkip;

    public void Rewrite(Span<byte> bytes)
    {
        while (_bytesToSkip < (uint)bytes.Length)
        {
            bytes = bytes[(int)_bytesToSkip..];
            _bytesToSkip = 0;
            if (_headerCount == 0 && WebSocketFrameHeader.OpcodeOf(bytes[0]) == WebSocketOpcode.Text)
                bytes[0] ^= TextToBinary;
            ReadHeaderByte(bytes[0]);
            bytes = bytes[1..];
        }

        _bytesToSkip -= (uint)bytes.Length;
    }

    private void ReadHeaderByte(byte next)
    {
        _header[_headerCount++] = next;
        if (!WebSocketFrameHeader.TryRead(_header[.._headerCount], out var header))
            return;
        _bytesToSkip = header.PayloadLength + (uint)(header.Length - _headerCount);
        _headerCount = 0;
    }
}
