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
    private ReadOnlyMemory<byte>? _held;
    private long _damagedAt = -1;

    public long Position => _window.Position;

    public async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        if (_held is { } held)
        {
            _held = null;
            return new TextChunk(held, null);
        }

        while (true)
        {
            if (!_window.IsFilled)
                await _window.FillAsync(cancellationToken).ConfigureAwait(false);
            var step = BlockStep.Next(_window.Bytes);
            if (step.Kind == BlockStepKind.End)
                return new TextChunk(default, EndDamage(CaptureProblemKind.TornTail));

            var text = step.Kind == BlockStepKind.Block ? _unpacker.Unpack(_window.Bytes[..step.Length], reusesBuffers) : null;
            if (text is not { } unpacked)
            {
                if (_damagedAt < 0)
                    _damagedAt = _window.Position;
                _window.Skip(step.Kind == BlockStepKind.Block ? BlockStep.Garbage(_window.Bytes).Length : step.Length);
                continue;
            }

            var problem = EndDamage(CaptureProblemKind.Corrupt);
            _window.Skip(step.Length);
            if (problem is not null)
            {
                _held = unpacked.Length > 0 ? unpacked : null;
                return new TextChunk(default, problem);
            }

            if (unpacked.Length > 0)
                return new TextChunk(unpacked, null);
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
