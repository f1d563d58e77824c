namespace KisFeed.Cli.Gateways.Instruments;

/// <summary>The lines of a file that is in memory.</summary>
internal static class FileLines
{
    /// <summary>Its lines, without what ends them.</summary>
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
