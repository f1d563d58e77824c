using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Collects frames that are sent to many clients. Each is stored once with its WebSocket header, since the header of an unmasked server
/// frame is the same for every client. Not thread-safe.
/// </summary>
internal sealed class BroadcastBuffer
{
    private const int FirstCapacity = 4 * 1024;
    private const int MaxRetained = 256 * 1024;

    private ArrayBufferWriter<byte> _bytes = new(FirstCapacity);

    /// <summary>Bytes in the buffer: the offset at which the next frame begins.</summary>
    public int Length => _bytes.WrittenCount;

    /// <summary>Adds a text message. It occupies the range from the current <see cref="Length"/> to the new one.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        _bytes.Advance(
            WebSocketFrameHeader.Write(_bytes.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, text.Length));
        _bytes.Write(text);
    }

    /// <summary>Empties the buffer and returns a copy of its contents, which the caller may keep.</summary>
    public byte[] Drain()
    {
        var contents = _bytes.WrittenSpan.ToArray();
        _bytes.ResetWrittenCount();
        if (_bytes.Capacity > MaxRetained)
            _bytes = new ArrayBufferWriter<byte>(FirstCapacity);
        return contents;
    }
}

/// <summary>Consecutive frames in a <see cref="BroadcastBuffer"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameRange(int Start, int End, int Count, int Records);

internal static class ServerFrame
{
    private const int StatusLength = 2;
    private const int MaxCloseReason = 123;

    /// <summary>Creates a close frame. A reason that is too long is truncated at a character boundary.</summary>
    public static byte[] Close(WebSocketCloseStatus status, string reason)
    {
        Span<byte> frame = stackalloc byte[WebSocketFrameHeader.MaxUnmaskedLength + StatusLength + MaxCloseReason];

        // A frame without a body says that no status was given; 1005 itself must not be sent.
        if (status == WebSocketCloseStatus.Empty)
            return frame[..WebSocketFrameHeader.Write(frame, WebSocketOpcode.Close, 0)].ToArray();
        Span<byte> text = stackalloc byte[MaxCloseReason];
        Utf8.FromUtf16(reason, text, out _, out var length);
        var header = WebSocketFrameHeader.Write(frame, WebSocketOpcode.Close, StatusLength + length);
        BinaryPrimitives.WriteUInt16BigEndian(frame[header..], (ushort)status);
        text[..length].CopyTo(frame[(header + StatusLength)..]);
        return frame[..(header + StatusLength + length)].ToArray();
    }
}
