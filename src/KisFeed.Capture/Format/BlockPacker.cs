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

/// <summary>Unpacks blocks, each into an array of its own. For one thread at a time.</summary>
internal sealed class BlockUnpacker : IDisposable
{
    private readonly MemoryStream _block = new(BlockHeader.MaxBlockLength + EndMember.Bytes.Length);
    private readonly byte[] _end = new byte[EndMember.Text.Length + 1];

    /// <summary>The text of a whole block; <see langword="null"/> where it is damaged: its text is not of the length or the checksum that it says.</summary>
    public byte[]? Unpack(ReadOnlySpan<byte> block)
    {
        var length = BlockHeader.TextLengthOf(block);
        if (length > BlockHeader.MaxUnpackedLength)
            return null;
        _block.SetLength(0);
        _block.Write(block);
        _block.Write(EndMember.Bytes);
        _block.Position = 0;
        try
        {
            using var gzip = new GZipStream(_block, CompressionMode.Decompress, leaveOpen: true);
            var text = new byte[length];
            if (gzip.ReadAtLeast(text, length, throwOnEndOfStream: false) != length)
                return null;

            // No more than the block says, and an end that is met only behind a checksum that is right.
            var endLength = gzip.ReadAtLeast(_end, _end.Length, throwOnEndOfStream: false);
            return _end.AsSpan(0, endLength).SequenceEqual(EndMember.Text) ? text : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public void Dispose() => _block.Dispose();
}

/// <summary>
/// A gzip member of our own that is put behind others before they are unpacked. The framework's reader takes packed text that is cut off for text that ends, without a look at its checksum; and damage
/// can let it read the checksum itself as packed text, up to where the bytes end. The text of this member comes only where everything before it was whole.
/// </summary>
internal static class EndMember
{
    /// <summary>
    /// The member: <see cref="Text"/> as it is, not packed, so that bytes of it that are taken for more packed text do not give it.
    /// </summary>
    public static ReadOnlySpan<byte> Bytes =>
    [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff,
        0x01, 0x10, 0, 0xef, 0xff,
        0x3e, 0x4b, 0x7a, 0x26, 0xa1, 0x34, 0x9d, 0xc1, 0x00, 0xc7, 0x61, 0xdf, 0x6f, 0xf8, 0x43, 0x37,
        0x55, 0xe5, 0x28, 0x98, 0x10, 0, 0, 0,
    ];

    /// <summary>What it holds: bytes that mean nothing and stand in no capture, which is UTF-8.</summary>
    public static ReadOnlySpan<byte> Text => Bytes.Slice(15, 16);
}
