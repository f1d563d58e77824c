using System.Buffers;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>Items as text messages of a WebSocket, each the JSON alone.</summary>
internal sealed class WebSocketForm : IStreamFormatter
{
    private const int LineEnds = 2;

    public static WebSocketForm Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, StreamItem item, ReadOnlySpan<byte> text)
    {
        if (item.Kind == StreamItemKind.Wire)
        {
            output.Write(text);
            return;
        }

        var json = text[item.JsonOffset..^LineEnds];
        var header = ServerFrame.WriteTextHeader(output.GetSpan(ServerFrame.MaxHeaderLength), json.Length);
        output.Advance(header);
        output.Write(json);
    }
}
