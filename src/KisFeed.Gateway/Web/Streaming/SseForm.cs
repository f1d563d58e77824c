using System.Buffers;

namespace KisFeed.Gateway;

/// <summary>Items as server-sent events. That nothing has happened is a comment there, which programs do not see.</summary>
internal sealed class SseForm : IStreamFormatter
{
    public static SseForm Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text) =>
        output.Write(item.Kind == StreamItemKind.Heartbeat ? ": heartbeat\n\n"u8 : text);
}
