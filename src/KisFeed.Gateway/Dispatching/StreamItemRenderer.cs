using System.Buffers;
using System.Text.Json;
using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// Writes items as server-sent events; a WebSocket gets the JSON of the event alone. Each item is written once for each naming style, when it is first needed. Thread-safe.
/// </summary>
internal sealed class StreamItemRenderer
{
    private const int Writers = 16;

    private readonly string _epoch;
    private readonly StreamItemWriter[] _writers;

    public StreamItemRenderer(string epoch)
    {
        _epoch = epoch;
        _writers = [.. Enumerable.Range(0, Writers).Select(_ => new StreamItemWriter(epoch))];
    }

    public string Epoch => _epoch;

    /// <summary>The text of an item. Its JSON begins at <see cref="StreamItem.JsonOffset"/> and ends before the last two bytes.</summary>
    public byte[] Render(StreamItem item, NameStyle names) => item.TextIn(names) ?? RenderOnce(item, names);

    public ReadOnlySpan<byte> RenderJson(StreamItem item, NameStyle names) => StreamText.JsonOf(Render(item, names), item.JsonOffset);

    private byte[] RenderOnce(StreamItem item, NameStyle names)
    {
        var writer = _writers[item.Number % Writers];
        lock (writer)
        {
            if (item.TextIn(names) is { } done)
                return done;
            var offset = writer.Write(item, names);
            var rendered = writer.Text.ToArray();
            item.SetText(names, rendered, offset);
            return rendered;
        }
    }
}

/// <summary>Writes items as server-sent events, one at a time. Not thread-safe.</summary>
internal sealed class StreamItemWriter(string epoch)
{
    private const int MaxId = 128;

    private readonly ArrayBufferWriter<byte> _text = new(2048);
    private Utf8JsonWriter Json { get; } = new(Stream.Null, RecordJson.WriterOptions with { SkipValidation = true });

    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    /// <summary>Writes an item.</summary>
    /// <returns>Where the JSON begins in the text. It ends before the last two bytes.</returns>
    public int Write(StreamItem item, NameStyle names)
    {
        Span<byte> id = stackalloc byte[MaxId];
        var offset = Begin(item.HasId ? StreamId.Format(epoch, item.Number, item.Position, id) : default, item.Kind);
        switch (item.Event)
        {
            case null:
                WriteRecord(item, names);
                break;
            case Gap gap:
                ItemJson.WriteGap(Json, item.Key!.Feed, item.Key.Key, gap, names);
                break;
            case Interruption interruption:
                ItemJson.WriteInterruption(Json, item.Key!.Feed, item.Key.Key, interruption, names);
                break;
            case MalformedFrame malformed:
                ItemJson.WriteError(Json, item.TrId, item.Key?.Key, malformed.ReceivedAt, malformed.Error, names);
                if (!malformed.Raw.IsEmpty)
                    FrameErrorJson.WriteRaw(Json, malformed.Raw.Span);
                break;
        }

        End();
        return offset;
    }

    /// <summary>Writes a recorded record that <see cref="RecordJson.TryCheck"/> has accepted.</summary>
    /// <returns>Where the JSON begins in the text.</returns>
    public int WriteRecorded(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt, NameStyle names)
    {
        Span<byte> id = stackalloc byte[MaxId];
        var offset = Begin(StreamId.Format(epoch, number: 0, position, id), StreamItemKind.Record);
        ItemJson.WriteRecord(Json, key.Feed, key.Key, receivedAt, fields, names);
        End();
        return offset;
    }

    private int Begin(scoped ReadOnlySpan<byte> id, StreamItemKind kind)
    {
        _text.ResetWrittenCount();
        StreamText.BeginEvent(_text, id, kind);
        var offset = _text.WrittenCount;
        Json.Reset(_text);
        Json.WriteStartObject();
        if (!id.IsEmpty)
            Json.WriteString("id"u8, id);
        return offset;
    }

    private void End()
    {
        Json.WriteEndObject();
        Json.Flush();
        _text.Write("\n\n"u8);
    }

    // The dispatcher has checked it.
    private void WriteRecord(StreamItem item, NameStyle names)
    {
        _ = DataFrame.TryParse(item.Frame, out var frame, out _);
        var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
        _ = reader.MoveNext();
        ItemJson.WriteRecord(Json, item.Key!.Feed, item.Key.Key, item.ReceivedAt, reader.Current, names);
    }
}

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

    /// <summary>The name of an event.</summary>
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
