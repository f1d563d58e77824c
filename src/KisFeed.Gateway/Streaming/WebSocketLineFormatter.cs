using System.Buffers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

/// <summary>Text messages of a WebSocket, each with one or more lines of a capture.</summary>
internal sealed class WebSocketLineFormatter(CaptureLineFormatter lines) : IFrameFormatter
{
    // Clients read shorter messages in place.
    private const int MaxMessage = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    public void Write(IBufferWriter<byte> output, StreamItem item)
    {
        lines.Write(_line, item);
        AddLine(output);
    }

    public void WriteFrame(IBufferWriter<byte> output, FeedSchema feed, in Frame frame)
    {
        lines.WriteFrame(_line, feed, frame);
        AddLine(output);
    }

    public void Complete(IBufferWriter<byte> output)
    {
        if (_lines.WrittenCount == 0)
            return;
        WebSocketFormatter.WriteMessage(output, _lines.WrittenSpan[..^1]);
        _lines.ResetWrittenCount();
    }

    private void AddLine(IBufferWriter<byte> output)
    {
        if (_lines.WrittenCount + _line.WrittenCount > MaxMessage)
            Complete(output);
        _lines.Write(_line.WrittenSpan);
        _line.ResetWrittenCount();
    }
}

/// <summary>Text messages of a WebSocket, each with one item as JSON.</summary>
internal sealed class WebSocketFormatter(StreamItemRenderer renderer, NameStyle names) : JsonFormatter(renderer, names)
{
    public static void WriteMessage(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Advance(
            WebSocketFrameHeader.Write(output.GetSpan(WebSocketFrameHeader.MaxUnmaskedLength), WebSocketOpcode.Text, text.Length));
        output.Write(text);
    }

    protected override void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text, int jsonOffset) =>
        WriteMessage(output, StreamText.JsonOf(text, jsonOffset));
}
