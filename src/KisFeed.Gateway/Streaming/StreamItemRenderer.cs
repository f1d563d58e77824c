using System.Buffers;
using System.Text.Json;
using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// Writes items as server-sent events; a WebSocket gets the JSON of the event alone. Each item is written once for each naming style, when it is first needed. Thread-safe.
/// </summary>
internal sealed class StreamItemRenderer
{
    private const int Writers = 16;

    private const int LineEnds = 2;

    private readonly string _epoch;
    private readonly StreamItemWriter[] _writers;

    public StreamItemRenderer(string epoch)
    {
        _epoch = epoch;
        _writers = [.. Enumerable.Range(0, Writers).Select(_ => new StreamItemWriter(epoch))];
    }

    /// <summary>Identifies this run of the gateway in ids.</summary>
    public string Epoch => _epoch;

    /// <summary>The text of an item. Its JSON begins at <see cref="StreamItem.JsonOffset"/> and ends before the last two bytes.</summary>
    public byte[] Render(StreamItem item, NameStyle names) => item.TextIn(names) ?? RenderOnce(item, names);

    /// <summary>The JSON of an item.</summary>
    public ReadOnlySpan<byte> RenderJson(StreamItem item, NameStyle names) => Render(item, names).AsSpan()[item.JsonOffset..^LineEnds];

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
/// <param name="epoch">Identifies this run of the gateway in ids.</param>
internal sealed class StreamItemWriter(string epoch)
{
    private const int LineEnds = 2;
    private const int MaxId = 128;

    private readonly ArrayBufferWriter<byte> _text = new(2048);
    private Utf8JsonWriter Json { get; } = new(Stream.Null, RecordJson.WriterOptions with { SkipValidation = true });

    /// <summary>The text of the last item.</summary>
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
    /// <returns>The JSON within <see cref="Text"/>.</returns>
    public ReadOnlySpan<byte> WriteRecorded(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt, NameStyle names)
    {
        Span<byte> id = stackalloc byte[MaxId];
        var offset = Begin(StreamId.Format(epoch, number: 0, position, id), StreamItemKind.Record);
        ItemJson.WriteRecord(Json, key.Feed, key.Key, receivedAt, fields, names);
        End();
        return Text[offset..^LineEnds];
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
