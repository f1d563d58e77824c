using System.Buffers;
using System.IO.Compression;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Writing;

/// <summary>
/// Collects lines and compresses them into blocks. A line that does not fit the current block begins in a new
/// one; only longer lines span blocks.
/// </summary>
internal sealed class TextPacker(CompressionLevel level) : IDisposable
{
    private readonly BlockPacker _packer = new(level);
    private readonly ArrayBufferWriter<byte> _blocks = new();
    private readonly byte[] _text = new byte[BlockHeader.MaxTextLength];
    private int _length;

    /// <summary>Buffered bytes, compressed or not.</summary>
    public long Length => _blocks.WrittenCount + _length;

    /// <summary>The number of blocks that are complete.</summary>
    public long Blocks { get; private set; }

    /// <summary>Whether a line of this length fits the current block.</summary>
    public bool HasRoomFor(int length) => length <= _text.Length - _length;

    /// <summary>Adds a line with its line break, or several that belong together.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length > _text.Length - _length)
            EndBlock();
        while (line.Length > _text.Length - _length)
        {
            var part = line[..(_text.Length - _length)];
            part.CopyTo(_text.AsSpan(_length));
            _length += part.Length;
            line = line[part.Length..];
            EndBlock();
        }

        line.CopyTo(_text.AsSpan(_length));
        _length += line.Length;
    }

    /// <summary>Returns all buffered data as blocks. It is kept until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Pack()
    {
        EndBlock();
        return _blocks.WrittenSpan;
    }

    public void Clear() => _blocks.ResetWrittenCount();

    public void Dispose() => _packer.Dispose();

    private void EndBlock()
    {
        if (_length == 0)
            return;
        _blocks.Write(_packer.Pack(_text.AsSpan(0, _length)));
        _length = 0;
        Blocks++;
    }
}
