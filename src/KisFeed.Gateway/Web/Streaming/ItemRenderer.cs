using System.Buffers;
using System.Text.Json;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Writes items as what streams send: a server-sent event, in which the JSON stands that a WebSocket gets alone. Each is written once for each kind of names, when it is first asked for. For any thread.
/// </summary>
internal sealed class ItemRenderer
{
    private const int Desks = 16;

    private readonly string _epoch;
    private readonly Desk[] _desks = [.. Enumerable.Range(0, Desks).Select(static _ => new Desk())];

    public ItemRenderer(string epoch) => _epoch = epoch;

    /// <summary>What an item reads like. <see cref="StreamItem.JsonOffset"/> says where its JSON begins, which ends before the last two bytes.</summary>
    public byte[] Render(StreamItem item, NameStyle names) => item.TextIn(names) ?? RenderOnce(item, names);

    private byte[] RenderOnce(StreamItem item, NameStyle names)
    {
        var desk = _desks[item.Number % Desks];
        lock (desk)
        {
            if (item.TextIn(names) is { } done)
                return done;
            var text = desk.Begin();
            var json = desk.Json;
            var id = item.Number > 0 ? StreamPosition.Format(_epoch, item.Number) : null;
            SseText.Begin(text, id, item.Kind);
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
                ItemJson.WriteGap(json, item.Channel!.Schema, item.Channel.Key, gap, names);
                break;
            case Interruption interruption:
                ItemJson.WriteInterruption(json, item.Channel!.Schema, item.Channel.Key, interruption, names);
                break;
            case MalformedFrame malformed:
                ItemJson.WriteError(json, item.TrId, item.Channel?.Key, malformed.ReceivedAt, malformed.Error, names);
                if (!malformed.Raw.IsEmpty)
                    FrameErrorJson.WriteRaw(json, malformed.Raw.Span);
                break;
        }
    }

    // It was found readable when it came.
    private static void WriteRecord(Utf8JsonWriter json, StreamItem item, NameStyle names)
    {
        _ = DataFrame.TryParse(item.Frame, out var frame, out _);
        var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
        _ = reader.MoveNext();
        ItemJson.WriteRecord(json, item.Channel!.Schema, item.Channel.Key, item.ReceivedAt, reader.Current, names);
    }

    /// <summary>What one writer at a time needs.</summary>
    private sealed class Desk
    {
        private readonly ArrayBufferWriter<byte> _text = new(2048);

        public Desk() => Json = new Utf8JsonWriter(_text, RecordJson.WriterOptions with { SkipValidation = true });

        public Utf8JsonWriter Json { get; }

        public ArrayBufferWriter<byte> Begin()
        {
            _text.ResetWrittenCount();
            return _text;
        }
    }
}
