using System.IO.Compression;

namespace KisFeed.Capture;

/// <summary>
/// The text of a gzip file that has no blocks. The framework's reader takes a file that is cut off for one that ends, so a member of our own is put behind the file: it is met
/// only where everything before it was whole.
/// </summary>
internal sealed class GzipSource : ITextSource
{
    private const int ChunkLength = 1 << 16;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly GZipStream _gzip;
    private ReadOnlyMemory<byte> _back;
    private bool _isOver;

    public GzipSource(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: ChunkLength, FileOptions.SequentialScan | FileOptions.Asynchronous);
        _gzip = new GZipStream(new EndedStream(_file, EndMember()), CompressionMode.Decompress);
    }

    public long Position => _file.Position;

    // A NUL stands in no line.
    private static ReadOnlySpan<byte> End => "\0the end\0"u8;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_isOver)
        {
            // As much as the end is long is kept back: it may be the end.
            var chunk = new byte[ChunkLength];
            _back.CopyTo(chunk);
            int count;
            try
            {
                count = await _gzip.ReadAsync(chunk.AsMemory(_back.Length), cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException)
            {
                return Broken();
            }

            if (count == 0)
                return _back.Span.SequenceEqual(End) ? Over() : Broken();
            var length = _back.Length + count;
            var given = Math.Max(0, length - End.Length);
            _back = chunk.AsMemory(given, length - given);
            if (given > 0)
                return new TextChunk(chunk.AsMemory(0, given), null);
        }

        return default;
    }

    public void Dispose()
    {
        _gzip.Dispose();
        _file.Dispose();
    }

    private TextChunk Over()
    {
        _isOver = true;
        return default;
    }

    private TextChunk Broken()
    {
        _isOver = true;
        return new TextChunk(default, new CaptureProblem(CaptureProblemKind.Corrupt, $"{_path} is damaged or cut off: what it holds from about byte {_file.Position:N0} on cannot be read") { Path = _path, Offset = _file.Position });
    }

    private static byte[] EndMember()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest))
            gzip.Write(End);
        return member.ToArray();
    }
}
