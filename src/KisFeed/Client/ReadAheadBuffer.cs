using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Buffers WebSocket frames as read from the network, more per read than a WebSocket requests. Returns a whole message in place if that
/// comes next, and otherwise the length of the frame that must take the slow path. Does not validate frames.
/// </summary>
internal sealed class ReadAheadBuffer
{
    private const int FirstLength = 16 * 1024;
    private const int MaxLength = 64 * 1024;
    private const int TextToBinary = (int)WebSocketOpcode.Text ^ (int)WebSocketOpcode.Binary;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>The bytes that were read but not consumed.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Returns free space to read into. Invalidates messages returned before.</summary>
    public Memory<byte> GetFreeMemory()
    {
        var wasFilled = _end == _bytes.Length;
        if (_start > 0)
            MoveToFront();
        if (wasFilled && _bytes.Length < MaxLength)
            Grow();
        return _bytes.AsMemory(_end);
    }

    /// <summary>Reports the number of bytes read into the free space.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Appends bytes that were read elsewhere.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = GetFreeMemory().Span;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>
    /// Moves as many buffered bytes as fit into the destination and clears them here: they may belong to a fragmented control message.
    /// </summary>
    public int Move(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Unread.Length);
        var moved = _bytes.AsSpan(_start, count);
        moved.CopyTo(destination);
        CryptographicOperations.ZeroMemory(moved);
        _start += count;
        return count;
    }

    /// <summary>The kind of the next frame, given the message limit.</summary>
    public FrameKind Next(int maxMessageBytes) => Next(maxMessageBytes, out _);

    /// <summary>Consumes a whole message. Its bytes are valid until more is read.</summary>
    public bool TryReadMessage(int maxMessageBytes, out Memory<byte> message)
    {
        if (Next(maxMessageBytes, out var header) != FrameKind.Message)
        {
            message = default;
            return false;
        }

        message = _bytes.AsMemory(_start + header.Length, (int)header.PayloadLength);
        _start += header.Length + (int)header.PayloadLength;
        return true;
    }

    /// <summary>
    /// Returns the length of the next frame including its header, once it is known, and presents a text frame as a binary one.
    /// </summary>
    public bool TryBeginFrame(out ulong length)
    {
        length = 0;
        if (!WebSocketFrameHeader.TryRead(Unread, out var header))
            return false;
        if (header.Opcode == WebSocketOpcode.Text)
            _bytes[_start] ^= TextToBinary;

        // Any length is accepted here; the reader of the frame reports a wrong one.
        length = header.PayloadLength > ulong.MaxValue - WebSocketFrameHeader.MaxLength
            ? ulong.MaxValue
            : header.PayloadLength + (uint)header.Length;
        return true;
    }

    /// <summary>Clears the remaining bytes: control messages contain keys.</summary>
    public void Erase()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _start = _end = 0;
    }

    private FrameKind Next(int maxMessageBytes, out WebSocketFrameHeader header)
    {
        if (!WebSocketFrameHeader.TryRead(Unread, out header))
            return FrameKind.Incomplete;
        if (!header.IsWholeMessage || header.IsMasked || header.PayloadLength > (ulong)Math.Min(maxMessageBytes, MaxLength - header.Length))
            return FrameKind.Other;
        return Unread.Length >= header.Length + (int)header.PayloadLength ? FrameKind.Message : FrameKind.Incomplete;
    }

    private void MoveToFront()
    {
        var length = _end - _start;
        Unread.CopyTo(_bytes);

        // It may be the beginning of a control message, which is cleared only where it is handled.
        _bytes.AsSpan(Math.Max(_start, length), _end - Math.Max(_start, length)).Clear();
        _start = 0;
        _end = length;
    }

    private void Grow()
    {
        var larger = new byte[Math.Clamp(_bytes.Length * 2, FirstLength, MaxLength)];
        Unread.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}

/// <summary>What comes next in a <see cref="ReadAheadBuffer"/>.</summary>
internal enum FrameKind
{
    /// <summary>Not enough bytes to decide, or to return the whole frame.</summary>
    Incomplete,

    /// <summary>A whole message in one frame, which can be returned in place.</summary>
    Message,

    /// <summary>Anything else: a fragment, a control frame, a message that is too long, a protocol error.</summary>
    Other,
}
