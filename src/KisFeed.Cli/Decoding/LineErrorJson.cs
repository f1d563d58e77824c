using KisFeed.Cli.Output;
using KisFeed.Wire;

namespace KisFeed.Cli.Decoding;

/// <summary>Writes the object that stands in the place of a line that cannot be read.</summary>
internal static class LineErrorJson
{
    public static void Write(JsonLines output, string message, in FrameError error, long number, ReadOnlySpan<byte> raw)
    {
        var json = output.Begin();
        json.WriteString("error"u8, message);
        json.WriteNumber("line"u8, number);
        FrameErrorJson.Write(json, error);
        FrameErrorJson.WriteRaw(json, raw);
        output.End();
    }
}
