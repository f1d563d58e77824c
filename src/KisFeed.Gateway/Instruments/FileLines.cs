namespace KisFeed.Gateway.Instruments;

/// <summary>Splits the content of a file into lines.</summary>
internal static class FileLines
{
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> content)
    {
        while (!content.IsEmpty)
        {
            var end = content.Span.IndexOf((byte)'\n');
            var line = end < 0 ? content : content[..end];
            yield return line.Span.EndsWith("\r"u8) ? line[..^1] : line;
            content = end < 0 ? default : content[(end + 1)..];
        }
    }
}
