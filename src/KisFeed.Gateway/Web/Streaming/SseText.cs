using System.Buffers;
using System.Text;

namespace KisFeed.Gateway;

/// <summary>The text around the JSON of a server-sent event (WHATWG HTML, section 9.2).</summary>
internal static class SseText
{
    /// <summary>Writes what stands before the JSON. Behind it stand two line feeds.</summary>
    // [ "id: " id LF ] "event: " name LF "data: " json LF LF
    public static void Begin(IBufferWriter<byte> text, string? id, StreamItemKind kind)
    {
        if (id is not null)
        {
            text.Write("id: "u8);
            Encoding.ASCII.GetBytes(id, text);
            text.Write("\n"u8);
        }

        text.Write("event: "u8);
        text.Write(NameOf(kind));
        text.Write("\ndata: "u8);
    }

    // "error" is what browsers call the loss of the connection.
    private static ReadOnlySpan<byte> NameOf(StreamItemKind kind) => kind switch
    {
        StreamItemKind.Record => "record"u8,
        StreamItemKind.Gap => "gap"u8,
        StreamItemKind.Interruption => "interruption"u8,
        StreamItemKind.Malformed => "malformed"u8,
        StreamItemKind.Subscribed => "subscribed"u8,
        StreamItemKind.Unsubscribed => "unsubscribed"u8,
        StreamItemKind.Refused => "refused"u8,
        StreamItemKind.Resumed => "resumed"u8,
        StreamItemKind.Heartbeat => "heartbeat"u8,
        StreamItemKind.End => "end"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
