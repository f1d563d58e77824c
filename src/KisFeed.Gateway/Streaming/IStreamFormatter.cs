using System.Buffers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>The form of items on a connection.</summary>
internal interface IStreamFormatter
{
    void Write(IBufferWriter<byte> output, StreamItem item);

    /// <summary>Creates the sink that writes the recorded past in this form.</summary>
    PastSink NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer);

    /// <summary>Writes what it holds back. Called before the output is flushed.</summary>
    void Complete(IBufferWriter<byte> output)
    {
        // Most forms hold nothing back.
    }
}

/// <summary>A form in which recorded frames are written as they are.</summary>
internal interface IFrameFormatter : IStreamFormatter
{
    void WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame);

    PastSink IStreamFormatter.NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer) =>
        new FramePastSink(keys, after, this, writer);
}

/// <summary>Items as JSON.</summary>
internal abstract class JsonFormatter(StreamItemRenderer renderer, NameStyle names) : IStreamFormatter
{
    private StreamItemWriter? _recorded;

    public virtual void Write(IBufferWriter<byte> output, StreamItem item) => Write(output, renderer.Render(item, names), item.JsonOffset);

    public void WriteRecord(
        IBufferWriter<byte> output, HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt)
    {
        _recorded ??= new StreamItemWriter(renderer.Epoch);
        var offset = _recorded.WriteRecorded(key, fields, position, receivedAt, names);
        Write(output, _recorded.Text, offset);
    }

    public PastSink NewPast(IEnumerable<HistoryKey> keys, HistoryPosition after, OutletWriter writer) =>
        new RecordPastSink(keys, after, this, writer);

    /// <summary>Writes the text of an item, in which the JSON begins at an offset.</summary>
    protected abstract void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset);
}

/// <summary>Server-sent events. A heartbeat is a comment, which programs do not see.</summary>
internal sealed class SseFormatter(StreamItemRenderer renderer, NameStyle names) : JsonFormatter(renderer, names)
{
    public override void Write(IBufferWriter<byte> output, StreamItem item)
    {
        if (item.Kind == StreamItemKind.Heartbeat)
            output.Write(": heartbeat\n\n"u8);
        else
            base.Write(output, item);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset) => output.Write(text);
}
