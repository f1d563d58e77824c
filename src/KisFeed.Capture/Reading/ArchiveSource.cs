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
    private ReadOnlyMemory<byte>? _held;
    private long _position;
    private long _damagedAt = -1;
    private bool _hasBegun;
    private bool _isOver;

    public long Position => _position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        if (_held is { } held)
        {
            _held = null;
            return new TextChunk(held, null);
        }

        while (!_isOver)
        {
            if (_bytes.IsEmpty)
            {
                if (await NextAsync(cancellationToken).ConfigureAwait(false) is { } missing)
                    return new TextChunk(default, missing);
                continue;
            }

            var step = BlockStep.Next(_bytes.Span);
            var text = step.Kind == BlockStepKind.Block ? _unpacker.Unpack(_bytes.Span[..step.Length], reusesBuffers) : null;
            if (text is null && _damagedAt < 0)
                _damagedAt = _position;
            var length = text is null && step.Kind == BlockStepKind.Block ? BlockStep.Garbage(_bytes.Span).Length : step.Length;
            var problem = text is null ? null : EndDamage();
            _bytes = _bytes[length..];
            _position += length;
            if (problem is not null)
            {
                _held = text is { IsEmpty: false } ? text : null;
                return new TextChunk(default, problem);
            }

            if (text is { IsEmpty: false } unpacked)
                return new TextChunk(unpacked, null);
        }

        return default;
    }

    public void Dispose()
    {
        // The enumerator of an archive holds nothing between two parts.
        _unpacker.Dispose();
    }

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
