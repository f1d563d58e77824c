namespace KisFeed.Capture;

/// <summary>A piece of a file's text, or a problem that stands in its place. Neither: the file has ended.</summary>
/// <param name="Text">The text; the reader's own.</param>
/// <param name="Problem">The problem. A line that was begun before it is lost.</param>
internal readonly record struct TextChunk(ReadOnlyMemory<byte> Text, CaptureProblem? Problem)
{
    public bool IsEnd => Text.IsEmpty && Problem is null;
}
