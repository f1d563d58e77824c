using System.Buffers;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>The text around the JSON of a server-sent event (WHATWG HTML, section 9.2).</summary>
internal static class StreamText
{
    /// <summary>Writes the text before the JSON. Two line feeds follow the JSON.</summary>
    // [ "id: " id LF ] "event: " name LF "data: " json LF LF
    public static void BeginEvent(IBufferWriter<byte> text, string? id, StreamItemKind kind)
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

    // Not "error": browsers fire that event when the connection is lost.
    private static ReadOnlySpan<byte> NameOf(StreamItemKind kind) => kind switch
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

/// <summary>The form of items on a connection.</summary>
internal interface IStreamFormatter
{
    /// <summary>Writes an item.</summary>
    /// <param name="output">The connection.</param>
    /// <param name="item">The item.</param>
    /// <param name="text">Its text.</param>
    void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text);
}

/// <summary>Server-sent events. A heartbeat is a comment, which programs do not see.</summary>
internal sealed class SseFormatter : IStreamFormatter
{
    public static SseFormatter Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text) =>
        output.Write(item.Kind == StreamItemKind.Heartbeat ? ": heartbeat\n\n"u8 : text);
}

/// <summary>Text messages of a WebSocket, each the JSON of one item.</summary>
internal sealed class WebSocketFormatter : IStreamFormatter
{
    private const int LineEnds = 2;

    public static WebSocketFormatter Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text)
    {
        if (item.Kind == StreamItemKind.Wire)
        {
            output.Write(text);
            return;
        }

        var json = text[item.JsonOffset..^LineEnds];
        output.Advance(WebSocketFrameHeader.Write(output.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, json.Length));
        output.Write(json);
    }
}
