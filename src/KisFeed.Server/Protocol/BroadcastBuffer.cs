using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Collects frames that are sent to many clients. Each is stored once with its WebSocket header, since the header of an unmasked server frame
/// is the same for every client. Not thread-safe.
/// </summary>
internal sealed class BroadcastBuffer
{
    private const int FirstCapacity = 4 * 1024;
    private const int MaxRetained = 256 * 1024;

    private byte[] _bytes = new byte[FirstCapacity];

    /// <summary>Bytes in the buffer: the offset at which the next frame begins.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a text message. It occupies the range from the current <see cref="Length"/> to the new one.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        var room = Length + ServerFrame.MaxHeaderLength + text.Length;
        if (room > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(room, _bytes.Length * 2));
        Length += ServerFrame.WriteTextHeader(_bytes.AsSpan(Length), text.Length);
        text.CopyTo(_bytes.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>Empties the buffer and returns a copy of its contents, which the caller may keep.</summary>
    public byte[] Drain()
    {
        var contents = _bytes.AsSpan(0, Length).ToArray();
        Length = 0;
        if (_bytes.Length > MaxRetained)
            _bytes = new byte[FirstCapacity];
        return contents;
    }
}

/// <summary>Consecutive data frames in wire format, shared by the queues of many clients. The bytes never change.</summary>
/// <param name="All">The array that holds the frames. It stays in memory as long as they do.</param>
/// <param name="Start">The offset of the first frame.</param>
/// <param name="Length">The length of all frames in bytes.</param>
/// <param name="Count">The number of frames.</param>
internal readonly record struct SharedFrames(byte[] All, int Start, int Length, int Count)
{
    private const int MinShare = 4;

    /// <summary>The WebSocket frames.</summary>
    public ReadOnlyMemory<byte> Bytes => All.AsMemory(Start, Length);

    /// <summary>
    /// Whether a queue may hold a reference to the array. Otherwise it holds a copy: a slow client with few frames would keep large arrays in memory
    /// for small parts of them.
    /// </summary>
    public bool IsLargeShare => Length >= All.Length / MinShare;

    /// <summary>The text of each frame, without its WebSocket header.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Texts()
    {
        for (var left = Bytes; !left.IsEmpty;)
        {
            var (start, length) = ServerFrame.ReadTextHeader(left.Span);
            yield return left.Slice(start, length);
            left = left[(start + length)..];
        }
    }
}

/// <summary>Consecutive frames in a <see cref="BroadcastBuffer"/>.</summary>
/// <param name="Start">The offset of the first frame.</param>
/// <param name="End">The offset of the end of the last frame.</param>
/// <param name="Count">The number of frames.</param>
/// <param name="Records">How many records they are known to hold.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameRange(int Start, int End, int Count, int Records);

/// <summary>Writes the unmasked WebSocket frames of a server (RFC 6455, section 5.2).</summary>
internal static class ServerFrame
{
    /// <summary>The longest header.</summary>
    public const int MaxHeaderLength = 10;

    private const byte Final = 0x80;
    private const byte ContinuationOpcode = 0x0;
    private const byte TextOpcode = 0x1;
    private const byte CloseOpcode = 0x8;
    private const int MaxCloseReason = 123;

    /// <summary>Writes the header of a text message or of one of its fragments. Returns the length of the header.</summary>
    // FIN opcode ; length = 7BIT / %x7E 2OCTET / %x7F 8OCTET
    public static int WriteTextHeader(Span<byte> output, int length, bool isFirst = true, bool isLast = true)
    {
        output[0] = (byte)((isLast ? Final : 0) | (isFirst ? TextOpcode : ContinuationOpcode));
        switch (length)
        {
            case < 126:
                output[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                output[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)length);
                return 4;
            default:
                output[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(output[2..], (ulong)length);
                return 10;
        }
    }

    /// <summary>Reads a header that <see cref="WriteTextHeader"/> wrote: the offset and the length of the text.</summary>
    public static (int Start, int Length) ReadTextHeader(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        126 => (4, BinaryPrimitives.ReadUInt16BigEndian(frame[2..])),
        127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]))),
        var length => (2, length),
    };

    /// <summary>Creates a close frame. A reason that is too long is truncated at a character boundary.</summary>
    public static byte[] Close(WebSocketCloseStatus status, string reason)
    {
        // A frame without a body says that no status was given; 1005 itself must not be sent.
        if (status == WebSocketCloseStatus.Empty)
            return [Final | CloseOpcode, 0];
        Span<byte> text = stackalloc byte[MaxCloseReason];
        Utf8.FromUtf16(reason, text, out _, out var length);
        var frame = new byte[4 + length];
        frame[0] = Final | CloseOpcode;
        frame[1] = (byte)(2 + length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)status);
        text[..length].CopyTo(frame.AsSpan(4));
        return frame;
    }
}
