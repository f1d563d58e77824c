using System.IO.Compression;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Reading;

/// <summary>
/// Reads the text of a gzip file without blocks, followed by an <see cref="EndMember"/> that shows whether the file is complete. The output
/// after the end of the file is the text of that member, or garbage if the file is damaged.
/// </summary>
internal sealed class GzipSource : ITextSource
{
    private const int ChunkLength = 1 << 16;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ConcatStream _ended;
    private readonly GZipStream _gzip;
    private readonly byte[] _end = new byte[EndMember.Text.Length + 1];
    private int _endLength;
    private bool _isOver;

    public GzipSource(string path)
    {
        _path = path;
        _file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: ChunkLength,
            FileOptions.SequentialScan | FileOptions.Asynchronous);
        _ended = new ConcatStream(_file, EndMember.Bytes.ToArray());
        _gzip = new GZipStream(_ended, CompressionMode.Decompress);
    }

    public long Position => _file.Position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isOver)
            return default;
        try
        {
            if (!_ended.HasEnded)
            {
                var chunk = new byte[ChunkLength];
                var count = await _gzip.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
                if (!_ended.HasEnded)
                    return count > 0 ? new TextChunk(chunk.AsMemory(0, count), null) : Broken();
                _endLength = Math.Min(count, _end.Length);
                chunk.AsSpan(0, _endLength).CopyTo(_end);
            }

            _endLength += await _gzip.ReadAtLeastAsync(
                _end.AsMemory(_endLength), _end.Length - _endLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            return Broken();
        }

        _isOver = true;
        return _end.AsSpan(0, _endLength).SequenceEqual(EndMember.Text) ? default : Broken();
    }

    public void Dispose()
    {
        _gzip.Dispose();
        _file.Dispose();
    }

    private TextChunk Broken()
    {
        _isOver = true;
        return new TextChunk(default, new CaptureProblem(CaptureProblemKind.Corrupt, $"{_path} is damaged or cut off: its data from about "
            + $"byte {_file.Position:N0} on cannot be read")
        { Path = _path, Offset = _file.Position });
    }
}
