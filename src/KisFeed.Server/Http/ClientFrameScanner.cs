using System.Buffers.Binary;

namespace KisFeed.Server.Http;

/// <summary>
/// Finds ping and pong frames in the bytes that a client sends, however the bytes are split (RFC 6455, section 5.2). Does not validate frames; the
/// WebSocket that reads the same bytes does.
/// </summary>
/// <param name="onPing">Called with the unmasked payload of each ping frame, valid during the call.</param>
/// <param name="onPong">Called with the unmasked payload of each pong frame, valid during the call.</param>
/// <param name="onFrame">Called with the first byte of each frame of any kind, when its header is complete.</param>
internal sealed class ClientFrameScanner(Action<ReadOnlySpan<byte>> onPing, Action<ReadOnlySpan<byte>> onPong, Action<byte>? onFrame = null)
{
    private const byte OpcodeMask = 0x0F;
    private const byte PingOpcode = 0x9;
    private const byte PongOpcode = 0xA;
    private const int MaxControlPayload = 125;

    private readonly byte[] _header = new byte[14];
    private readonly byte[] _payload = new byte[MaxControlPayload];
    private int _headerCount;
    private ulong _remaining;
    private int _payloadCount;
    private Action<ReadOnlySpan<byte>>? _handler;

    /// <summary>Whether a frame is incomplete.</summary>
    public bool IsInFrame => _headerCount > 0;

    // FIN RSV1-3 opcode ; MASK length = 7BIT / %x7E 2OCTET / %x7F 8OCTET ; [4OCTET mask] ; payload
    public void Scan(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _remaining > 0 ? ScanPayload(bytes) : ScanHeader(bytes);
        }
    }

    private ReadOnlySpan<byte> ScanHeader(ReadOnlySpan<byte> bytes)
    {
        _header[_headerCount++] = bytes[0];
        if (_headerCount >= 2 && _headerCount == HeaderLength)
            BeginPayload();
        return bytes[1..];
    }

    private int HeaderLength => 2 + LengthOctets + (IsMasked ? 4 : 0);

    private int LengthOctets => (_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };

    private bool IsMasked => (_header[1] & 0x80) != 0;

    private void BeginPayload()
    {
        onFrame?.Invoke(_header[0]);
        _remaining = LengthOctets switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
            8 => BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
            _ => (uint)(_header[1] & 0x7F),
        };
        _handler = _remaining > MaxControlPayload ? null : (_header[0] & OpcodeMask) switch
        {
            PingOpcode => onPing,
            PongOpcode => onPong,
            _ => null,
        };
        _payloadCount = 0;
        if (_remaining == 0)
            EndFrame();
    }

    private ReadOnlySpan<byte> ScanPayload(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Math.Min(_remaining, (ulong)bytes.Length);
        if (_handler is not null)
        {
            bytes[..length].CopyTo(_payload.AsSpan(_payloadCount));
            _payloadCount += length;
        }

        _remaining -= (ulong)length;
        if (_remaining == 0)
            EndFrame();
        return bytes[length..];
    }

    private void EndFrame()
    {
        if (_handler is not null)
        {
            if (IsMasked)
                Unmask();
            _handler(_payload.AsSpan(0, _payloadCount));
        }

        _headerCount = 0;
    }

    private void Unmask()
    {
        var mask = _header.AsSpan(_headerCount - 4, 4);
        for (var i = 0; i < _payloadCount; i++)
            _payload[i] ^= mask[i & 3];
    }
}
