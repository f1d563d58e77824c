using KisFeed.Output;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// Writes items as server-sent events; a WebSocket gets the JSON of the event alone. Each item is written once for each naming style,
/// when it is first needed. Thread-safe.
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
