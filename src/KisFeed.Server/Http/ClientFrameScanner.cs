using KisFeed.Wire;

namespace KisFeed.Server.Http;

/// <summary>
/// Finds ping and pong frames in the bytes that a client sends, however the bytes are split (RFC 6455, section 5.2). Does not validate
/// frames; the WebSocket that reads the same bytes does.
/// </summary>
/// <param name="onPing">Called with the unmasked payload of each ping frame, valid during the call.</param>
/// <param name="onPong">Called with the unmasked payload of each pong frame, valid during the call.</param>
/// <param name="onFrame">Called with the header of each frame of any kind, when it is complete.</param>
internal sealed class ClientFrameScanner(
    Action<ReadOnlySpan<byte>>? onPing, Action<ReadOnlySpan<byte>>? onPong, Action<WebSocketFrameHeader>? onFrame = null)
{
    private const int MaxControlPayload = 125;

    private readonly byte[] _headerBytes = new byte[WebSocketFrameHeader.MaxLength];
    private readonly byte[] _payload = new byte[MaxControlPayload];
    private int _headerCount;
    private WebSocketFrameHeader _header;
    private ulong _remaining;
    private int _payloadCount;
    private Action<ReadOnlySpan<byte>>? _handler;

    /// <summary>Whether a frame is incomplete.</summary>
    public bool IsInFrame => _headerCount > 0;

    public void Scan(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _remaining > 0 ? ScanPayload(bytes) : ScanHeader(bytes);
        }
    }

    private ReadOnlySpan<byte> ScanHeader(ReadOnlySpan<byte> bytes)
    {
        _headerBytes[_headerCount++] = bytes[0];
        if (WebSocketFrameHeader.TryRead(_headerBytes.AsSpan(0, _headerCount), out _header) && _headerCount == _header.Length)
            BeginPayload();
        return bytes[1..];
    }

    private void BeginPayload()
    {
        onFrame?.Invoke(_header);
        _remaining = _header.PayloadLength;
        _handler = _remaining > MaxControlPayload ? null : _header.Opcode switch
        {
            WebSocketOpcode.Ping => onPing,
            WebSocketOpcode.Pong => onPong,
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
            if (_header.IsMasked)
                Unmask();
            _handler(_payload.AsSpan(0, _payloadCount));
        }

        _headerCount = 0;
    }

    private void Unmask()
    {
        var mask = _headerBytes.AsSpan(_headerCount - WebSocketFrameHeader.MaskLength, WebSocketFrameHeader.MaskLength);
        for (var i = 0; i < _payloadCount; i++)
            _payload[i] ^= mask[i & 3];
    }
}
