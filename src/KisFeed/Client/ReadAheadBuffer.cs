using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KisFeed;

/// <summary>
/// WebSocket frames as they came from the network, more of them in one read than a WebSocket asks for. Gives a whole message in place where that is what comes next, and
/// tells how long a frame is that has to go another way. Judges nothing.
/// </summary>
internal sealed class ReadAheadBuffer
{
    private const int FirstLength = 16 * 1024;
    private const int MaxLength = 64 * 1024;

    private const int ShortHeader = 2;
    private const int MiddleHeader = 4;
    private const int LongHeader = 10;
    private const int MaskLength = 4;
    private const int LengthOf2Bytes = 126;
    private const int LengthOf8Bytes = 127;
    private const byte MaskBit = 0x80;
    private const byte FinalText = 0x81;
    private const byte FinalBinary = 0x82;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>What has been read and not taken.</summary>
    public ReadOnlySpan<byte> Rest => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to read into. What was taken before is no longer there.</summary>
    public Memory<byte> Room()
    {
        var wasFilled = _end == _bytes.Length;
        if (_start > 0)
            MoveToFront();
        if (wasFilled && _bytes.Length < MaxLength)
            Grow();
        return _bytes.AsMemory(_end);
    }

    /// <summary>So many bytes have been read into the room.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>Bytes that have been read elsewhere.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room().Span;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Filled(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Copies what there is room for of what has been read, and forgets it here: it may belong to a control message that came in parts.</summary>
    public int Move(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Rest.Length);
        var moved = _bytes.AsSpan(_start, count);
        moved.CopyTo(destination);
        CryptographicOperations.ZeroMemory(moved);
        _start += count;
        return count;
    }

    /// <summary>What comes next, where messages have a limit.</summary>
    public FrameKind Next(int maxMessageBytes) => Next(maxMessageBytes, out _, out _);

    /// <summary>Takes a whole message. Its bytes are there until more is read.</summary>
    public bool TryTake(int maxMessageBytes, out Memory<byte> message)
    {
        if (Next(maxMessageBytes, out var headerLength, out var payloadLength) != FrameKind.Message)
        {
            message = default;
            return false;
        }

        message = _bytes.AsMemory(_start + headerLength, (int)payloadLength);
        _start += headerLength + (int)payloadLength;
        return true;
    }

    /// <summary>How long the next frame is with its header; nothing as long as that is not known.</summary>
    public bool TryGetFrameLength(out ulong length)
    {
        length = 0;
        if (!TryReadHeader(out _, out var headerLength, out var payloadLength))
            return false;

        // No length is too wrong to go on: who reads the frame finds that.
        length = payloadLength > ulong.MaxValue - LongHeader - MaskLength ? ulong.MaxValue : payloadLength + (uint)headerLength;
        return true;
    }

    /// <summary>Clears what is still there: control messages hold keys.</summary>
    public void Erase()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _start = _end = 0;
    }

    private FrameKind Next(int maxMessageBytes, out int headerLength, out ulong payloadLength)
    {
        if (!TryReadHeader(out var isPlain, out headerLength, out payloadLength))
            return FrameKind.Incomplete;
        if (!isPlain || payloadLength > (ulong)Math.Min(maxMessageBytes, MaxLength - headerLength))
            return FrameKind.Other;
        return Rest.Length >= headerLength + (int)payloadLength ? FrameKind.Message : FrameKind.Incomplete;
    }

    // FIN RSV1-3 opcode ; MASK length = 7BIT / %x7E 2OCTET / %x7F 8OCTET ; [4OCTET mask] ; payload
    private bool TryReadHeader(out bool isPlain, out int headerLength, out ulong payloadLength)
    {
        var rest = Rest;
        isPlain = false;
        headerLength = ShortHeader;
        payloadLength = 0;
        if (rest.Length < ShortHeader)
            return false;

        var isMasked = (rest[1] & MaskBit) != 0;
        isPlain = !isMasked && (rest[0] is FinalText or FinalBinary);
        payloadLength = (uint)(rest[1] & ~MaskBit);
        if (payloadLength >= LengthOf2Bytes)
        {
            headerLength = payloadLength == LengthOf8Bytes ? LongHeader : MiddleHeader;
            if (rest.Length < headerLength)
                return false;
            payloadLength = headerLength == LongHeader ? BinaryPrimitives.ReadUInt64BigEndian(rest[ShortHeader..]) : BinaryPrimitives.ReadUInt16BigEndian(rest[ShortHeader..]);
        }

        if (isMasked)
            headerLength += MaskLength;
        return true;
    }

    private void MoveToFront()
    {
        var length = _end - _start;
        Rest.CopyTo(_bytes);

        // It may be the beginning of a control message, which is cleared where it is handled and nowhere else.
        _bytes.AsSpan(Math.Max(_start, length), _end - Math.Max(_start, length)).Clear();
        _start = 0;
        _end = length;
    }

    private void Grow()
    {
        var larger = new byte[Math.Clamp(_bytes.Length * 2, FirstLength, MaxLength)];
        Rest.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}
