namespace KisFeed.Capture.Reading;

/// <summary>Reads the text of a file in chunks.</summary>
internal interface ITextSource : IDisposable
{
    /// <summary>The position in the file, in bytes.</summary>
    long Position { get; }

    ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A chunk of a file's text, a problem before it, or both. Neither of both means the end of the file.</summary>
/// <param name="Text">The text. The reader may keep it, unless buffers are reused.</param>
/// <param name="Problem">The problem. A partial line before it is lost.</param>
internal readonly record struct TextChunk(ReadOnlyMemory<byte> Text, CaptureProblem? Problem)
{
    public bool IsEnd => Text.IsEmpty && Problem is null;
}

/// <summary>Reads a plain text file.</summary>
internal sealed class StreamSource(string path) : ITextSource
{
    private const int ChunkLength = 1 << 16;

    private readonly FileStream _file = new(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
        FileOptions.SequentialScan | FileOptions.Asynchronous);

    public long Position => _file.Position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        var chunk = new byte[ChunkLength];
        var count = await _file.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
        return new TextChunk(chunk.AsMemory(0, count), null);
    }

    public void Dispose() => _file.Dispose();
}
