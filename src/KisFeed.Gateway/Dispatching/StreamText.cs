using System.Buffers;

namespace KisFeed.Gateway.Dispatching;

/// <summary>The text around the JSON of a server-sent event (WHATWG HTML, section 9.2).</summary>
internal static class StreamText
{
    private const int LineEnds = 2;

    /// <summary>The JSON within the text of an item, where it begins at an offset.</summary>
    public static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> text, int offset) => text[offset..^LineEnds];

    /// <summary>Writes the text before the JSON. Two line feeds follow the JSON.</summary>
    // [ "id: " id LF ] "event: " name LF "data: " json LF LF
    public static void BeginEvent(IBufferWriter<byte> text, ReadOnlySpan<byte> id, StreamItemKind kind)
    {
        if (!id.IsEmpty)
        {
            text.Write("id: "u8);
            text.Write(id);
            text.Write("\n"u8);
        }

        text.Write("event: "u8);
        text.Write(NameOf(kind));
        text.Write("\ndata: "u8);
    }

    // Not "error": browsers fire that event when the connection is lost.
    public static ReadOnlySpan<byte> NameOf(StreamItemKind kind) => kind switch
    {
        StreamItemKind.Record => "record"u8,
        StreamItemKind.Gap => "gap"u8,
        StreamItemKind.Interruption => "interruption"u8,
        StreamItemKind.Malformed => "malformed"u8,
        StreamItemKind.Subscribed => "subscribed"u8,
        StreamItemKind.History => "history"u8,
        StreamItemKind.Live => "live"u8,
        StreamItemKind.Unsubscribed => "unsubscribed"u8,
        StreamItemKind.Refused => "refused"u8,
        StreamItemKind.Resumed => "resumed"u8,
        StreamItemKind.Heartbeat => "heartbeat"u8,
        StreamItemKind.End => "end"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
