using KisFeed.Capture.Files;

namespace KisFeed.Capture.Reading;

/// <summary>Reads the text of a file of blocks. Damaged blocks, and a partial block at the end, are skipped and reported.</summary>
/// <param name="path">The file.</param>
/// <param name="offset">The offset of the first block to read.</param>
/// <param name="reusesBuffers">Whether a chunk is valid only until the next one.</param>
internal sealed class BlockSource(string path, long offset, bool reusesBuffers) : ITextSource
{
    private readonly FileWindow _window = new(path, offset);
    private readonly BlockUnpacker _unpacker = new();
    private byte[] _buffer = [];
    private long _damagedAt = -1;

    public long Position => _window.Position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_window.IsFilled)
                await _window.FillAsync(cancellationToken).ConfigureAwait(false);
            if (!reusesBuffers)
                _buffer = [];
            var step = _unpacker.Next(_window.Bytes, ref _buffer);
            if (step.IsEnd)
                return new TextChunk(default, EndDamage(CaptureProblemKind.TornTail));
            if (step.Text is null && _damagedAt < 0)
                _damagedAt = _window.Position;
            var chunk = step.Text is { } text ? new TextChunk(text, EndDamage(CaptureProblemKind.Corrupt)) : default;
            _window.Skip(step.Length);
            if (!chunk.IsEnd)
                return chunk;
        }
    }

    public void Dispose()
    {
        _window.Dispose();
        _unpacker.Dispose();
    }

    private CaptureProblem? EndDamage(CaptureProblemKind kind)
    {
        if (_damagedAt < 0)
            return null;
        var (from, length) = (_damagedAt, _window.Position - _damagedAt);
        _damagedAt = -1;
        var message = kind == CaptureProblemKind.TornTail
            ? $"{path} ends in the middle of a block: its last {length:N0} bytes, from byte {from:N0}, "
                + "are incomplete; its recorder was killed"
            : $"{path} is damaged: {length:N0} bytes from byte {from:N0} are not a valid block, and their data is missing";
        return new CaptureProblem(kind, message) { Path = path, Offset = from };
    }
}
