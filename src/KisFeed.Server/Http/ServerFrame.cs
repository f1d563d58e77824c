using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Unicode;

namespace KisFeed.Server;

/// <summary>Writes the WebSocket frames that a server sends, not masked (RFC 6455, section 5.2).</summary>
internal static class ServerFrame
{
    /// <summary>The longest header.</summary>
    public const int MaxHeaderLength = 10;

    private const byte Final = 0x80;
    private const byte ContinuationOpcode = 0x0;
    private const byte TextOpcode = 0x1;
    private const byte CloseOpcode = 0x8;
    private const int MaxCloseReason = 123;

    /// <summary>Writes the header of a text message, or of one of its fragments, and gives the header's length.</summary>
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

    /// <summary>Where the text behind a header that <see cref="WriteTextHeader"/> wrote begins, and how long it is.</summary>
    public static (int Start, int Length) ReadTextHeader(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        126 => (4, BinaryPrimitives.ReadUInt16BigEndian(frame[2..])),
        127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..]))),
        var length => (2, length),
    };

    /// <summary>A close frame. A reason that is too long for one is cut at a character.</summary>
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
