using System.Globalization;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Reading;

/// <summary>
/// Reads the text of a file from an archive. Bytes that the archive does not have, and damaged blocks, are skipped and reported.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="file">The file.</param>
/// <param name="from">The time before which lines are not wanted; <see langword="null"/> for all.</param>
/// <param name="reusesBuffers">Whether a chunk is valid only until the next one.</param>
internal sealed class ArchiveSource(ICaptureArchive archive, ArchivedFile file, DateTimeOffset? from, bool reusesBuffers) : ITextSource
{
    private readonly BlockUnpacker _unpacker = new();
    private IAsyncEnumerator<ArchivedPart>? _parts;
    private ReadOnlyMemory<byte> _bytes;
    private byte[] _buffer = [];
    private long _position;
    private long _damagedAt = -1;
    private bool _hasBegun;
    private bool _isOver;

    public long Position => _position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_isOver)
        {
            if (_bytes.IsEmpty)
            {
                if (await NextAsync(cancellationToken).ConfigureAwait(false) is { } missing)
                    return new TextChunk(default, missing);
                continue;
            }

            if (!reusesBuffers)
                _buffer = [];
            var step = _unpacker.Next(_bytes.Span, ref _buffer);
            if (step.Text is null && _damagedAt < 0)
                _damagedAt = _position;
            var chunk = step.Text is { } text ? new TextChunk(text, EndDamage()) : default;
            _bytes = _bytes[step.Length..];
            _position += step.Length;
            if (!chunk.IsEnd)
                return chunk;
        }

        return default;
    }

    // The enumerator of an archive holds nothing between two parts.
    public void Dispose() => _unpacker.Dispose();

    // Moves to the next part. Returns what is missing before it, or at the end.
    private async ValueTask<CaptureProblem?> NextAsync(CancellationToken cancellationToken)
    {
        _parts ??= archive.ReadAsync(file, from, cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (!await _parts.MoveNextAsync().ConfigureAwait(false))
        {
            _isOver = true;
            return EndDamage()
                ?? (file.IsTruncated || _position < file.Length ? Missing(_position, file.Length, "the rest of the file") : null);
        }

        var part = _parts.Current;
        var expected = _hasBegun || from is null ? _position : part.Position;
        (_hasBegun, _bytes, _position) = (true, part.Bytes, part.Position);
        return EndDamage() ?? (part.Position == expected ? null : Missing(expected, part.Position, "a part of the file"));
    }

    private CaptureProblem? EndDamage()
    {
        if (_damagedAt < 0)
            return null;
        var problem = Missing(_damagedAt, _position, "damaged data");
        _damagedAt = -1;
        return problem;
    }

    private CaptureProblem Missing(long at, long until, string what) => new(
        CaptureProblemKind.Corrupt,
        string.Create(
            CultureInfo.InvariantCulture, $"{file.Name} is incomplete in the archive: {what} is missing, from byte {at} to {until}"))
    { Path = file.Name, Offset = at };
}
