namespace KisFeed.Capture;

/// <summary>The text of a file that is plain.</summary>
internal sealed class StreamSource(string path) : ITextSource
{
    private const int ChunkLength = 1 << 16;

    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);

    public long Position => _file.Position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        var chunk = new byte[ChunkLength];
        var count = await _file.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
        return new TextChunk(chunk.AsMemory(0, count), null);
    }

    public void Dispose() => _file.Dispose();
}
