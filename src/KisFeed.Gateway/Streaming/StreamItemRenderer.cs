using System.Buffers;
using System.Text.Json;
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
    private readonly Writer[] _writers = [.. Enumerable.Range(0, Writers).Select(static _ => new Writer())];

    public StreamItemRenderer(string epoch) => _epoch = epoch;

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
            var text = writer.Begin();
            var json = writer.Json;
            var id = item.HasId ? StreamId.Format(_epoch, item) : null;
            StreamText.BeginEvent(text, id, item.Kind);
            var offset = text.WrittenCount;
            json.Reset(text);
            json.WriteStartObject();
            if (id is not null)
                json.WriteString("id"u8, id);
            WriteMembers(json, item, names);
            json.WriteEndObject();
            json.Flush();
            text.Write("\n\n"u8);
            var rendered = text.WrittenSpan.ToArray();
            item.SetText(names, rendered, offset);
            return rendered;
        }
    }

    private static void WriteMembers(Utf8JsonWriter json, StreamItem item, NameStyle names)
    {
        switch (item.Event)
        {
            case null:
                WriteRecord(json, item, names);
                break;
            case Gap gap:
                ItemJson.WriteGap(json, item.Key!.Feed, item.Key.Key, gap, names);
                break;
            case Interruption interruption:
                ItemJson.WriteInterruption(json, item.Key!.Feed, item.Key.Key, interruption, names);
                break;
            case MalformedFrame malformed:
                ItemJson.WriteError(json, item.TrId, item.Key?.Key, malformed.ReceivedAt, malformed.Error, names);
                if (!malformed.Raw.IsEmpty)
                    FrameErrorJson.WriteRaw(json, malformed.Raw.Span);
                break;
        }
    }

    // The dispatcher has checked it.
    private static void WriteRecord(Utf8JsonWriter json, StreamItem item, NameStyle names)
    {
        _ = DataFrame.TryParse(item.Frame, out var frame, out _);
        var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
        _ = reader.MoveNext();
        ItemJson.WriteRecord(json, item.Key!.Feed, item.Key.Key, item.ReceivedAt, reader.Current, names);
    }

    /// <summary>The buffers of one writing thread.</summary>
    private sealed class Writer
    {
        private readonly ArrayBufferWriter<byte> _text = new(2048);

        public Writer() => Json = new Utf8JsonWriter(_text, RecordJson.WriterOptions with { SkipValidation = true });

        public Utf8JsonWriter Json { get; }

        public ArrayBufferWriter<byte> Begin()
        {
            _text.ResetWrittenCount();
            return _text;
        }
    }
}
