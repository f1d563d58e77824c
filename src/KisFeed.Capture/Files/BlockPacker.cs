using System.IO.Compression;

namespace KisFeed.Capture.Files;

/// <summary>Compresses text into blocks. Not thread-safe.</summary>
internal sealed class BlockPacker(CompressionLevel level) : IDisposable
{
    // The length of a gzip header without optional fields.
    private const int GzipHeadLength = 10;

    private readonly MemoryStream _packed = new(BlockHeader.MaxBlockLength + 1024);

    /// <summary>
    /// Compresses a text of at most <see cref="BlockHeader.MaxTextLength"/> bytes. The block is valid until the next call.
    /// </summary>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> text)
    {
        var length = Pack(text, level);

        // Incompressible text may grow, so it is stored uncompressed.
        if (length > BlockHeader.MaxBlockLength)
            length = Pack(text, CompressionLevel.NoCompression);
        var block = _packed.GetBuffer().AsSpan(0, length);
        BlockHeader.Write(block, length);
        return block;
    }

    public void Dispose() => _packed.Dispose();

    // Leaves room for the longer block header, which replaces the gzip header.
    private int Pack(ReadOnlySpan<byte> text, CompressionLevel compression)
    {
        _packed.SetLength(BlockHeader.Length - GzipHeadLength);
        _packed.Position = BlockHeader.Length - GzipHeadLength;
        using (var gzip = new GZipStream(_packed, compression, leaveOpen: true))
            gzip.Write(text);
        return (int)_packed.Length;
    }
}
