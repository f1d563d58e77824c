using System.IO.Compression;

namespace KisFeed.Capture;

/// <summary>Packs texts into blocks. For one thread at a time.</summary>
internal sealed class BlockPacker(CompressionLevel level) : IDisposable
{
    // What gzip puts before the packed text when it is told nothing about it.
    private const int GzipHeadLength = 10;

    private readonly MemoryStream _packed = new(BlockHeader.MaxBlockLength + 1024);

    /// <summary>Packs a text of at most <see cref="BlockHeader.MaxTextLength"/> bytes. The block is valid until the next call.</summary>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> text)
    {
        var length = Pack(text, level);

        // What does not get smaller may get larger: such text is stored as it is.
        if (length > BlockHeader.MaxBlockLength)
            length = Pack(text, CompressionLevel.NoCompression);
        var block = _packed.GetBuffer().AsSpan(0, length);
        BlockHeader.Write(block, length);
        return block;
    }

    public void Dispose() => _packed.Dispose();

    // Room is left for the longer head, into which the shorter one's place falls.
    private int Pack(ReadOnlySpan<byte> text, CompressionLevel how)
    {
        _packed.SetLength(BlockHeader.Length - GzipHeadLength);
        _packed.Position = BlockHeader.Length - GzipHeadLength;
        using (var gzip = new GZipStream(_packed, how, leaveOpen: true))
            gzip.Write(text);
        return (int)_packed.Length;
    }
}
