using System.Buffers;
using System.IO.Compression;

namespace KisFeed.Capture;

/// <summary>Gathers lines and packs them into blocks. A line begins in a new block where it does not fit the present one, and spans blocks only where it is longer than one.</summary>
internal sealed class TextPacker(CompressionLevel level) : IDisposable
{
    private readonly BlockPacker _packer = new(level);
    private readonly ArrayBufferWriter<byte> _blocks = new();
    private readonly byte[] _text = new byte[BlockHeader.MaxTextLength];
    private int _length;

    /// <summary>Bytes that are gathered, packed or not.</summary>
    public long Length => _blocks.WrittenCount + _length;

    /// <summary>Takes a line with its line break.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length > _text.Length - _length)
            Pack();
        while (line.Length > _text.Length - _length)
        {
            var part = line[..(_text.Length - _length)];
            part.CopyTo(_text.AsSpan(_length));
            _length += part.Length;
            line = line[part.Length..];
            Pack();
        }

        line.CopyTo(_text.AsSpan(_length));
        _length += line.Length;
    }

    /// <summary>All that is gathered, in blocks. Kept until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Blocks()
    {
        Pack();
        return _blocks.WrittenSpan;
    }

    /// <summary>Forgets what is gathered.</summary>
    public void Clear() => _blocks.ResetWrittenCount();

    public void Dispose() => _packer.Dispose();

    private void Pack()
    {
        if (_length == 0)
            return;
        _blocks.Write(_packer.Pack(_text.AsSpan(0, _length)));
        _length = 0;
    }
}
