using System.Buffers;
using System.Text.Json;
using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Dispatching;

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
