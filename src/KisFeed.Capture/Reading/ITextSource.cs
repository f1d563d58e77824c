namespace KisFeed.Capture;

/// <summary>The text of a file, piece by piece.</summary>
internal interface ITextSource : IDisposable
{
    /// <summary>How far in the file it has come, in bytes.</summary>
    long Position { get; }

    /// <summary>The next piece.</summary>
    ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A piece of a file's text, or a problem that stands in its place. Neither: the file has ended.</summary>
/// <param name="Text">The text; the reader's own.</param>
/// <param name="Problem">The problem. A line that was begun before it is lost.</param>
internal readonly record struct TextChunk(ReadOnlyMemory<byte> Text, CaptureProblem? Problem)
{
    public bool IsEnd => Text.IsEmpty && Problem is null;
}

/// <summary>The text of a file of blocks. A damaged one is passed over and told; so is what is left where the file ends in the middle of one.</summary>
internal sealed class BlockSource(string path) : ITextSource
{
    private readonly FileWindow _window = new(path);
    private readonly BlockUnpacker _unpacker = new();
    private byte[]? _held;
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

            var text = step.Kind == BlockStepKind.Block ? _unpacker.Unpack(_window.Bytes[..step.Length]) : null;
            if (text is null)
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
                _held = text.Length > 0 ? text : null;
                return new TextChunk(default, problem);
            }

            if (text.Length > 0)
                return new TextChunk(text, null);
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
            ? $"{path} ends in the middle of a block: its last {length:N0} bytes, from byte {from:N0}, are not whole; its recorder was killed"
            : $"{path} is damaged: {length:N0} bytes from byte {from:N0} are no whole block, and what they held is missing";
        return new CaptureProblem(kind, message) { Path = path, Offset = from };
    }
}

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
