using System.IO.Compression;

namespace KisFeed.Capture;

/// <summary>Unpacks blocks, each into an array of its own. For one thread at a time.</summary>
internal sealed class BlockUnpacker : IDisposable
{
    private readonly MemoryStream _block = new(BlockHeader.MaxBlockLength);

    /// <summary>The text of a whole block; <see langword="null"/> where it is damaged: its text is not of the length or the checksum that it says.</summary>
    public byte[]? Unpack(ReadOnlySpan<byte> block)
    {
        var length = BlockHeader.TextLengthOf(block);
        if (length > BlockHeader.MostText)
            return null;
        _block.SetLength(0);
        _block.Write(block);
        _block.Position = 0;
        try
        {
            using var gzip = new GZipStream(_block, CompressionMode.Decompress, leaveOpen: true);
            var text = new byte[length];
            if (gzip.ReadAtLeast(text, length, throwOnEndOfStream: false) != length)
                return null;

            // There must be no more than the block says, and the checksum is looked at when the end is met.
            return gzip.ReadByte() < 0 ? text : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public void Dispose() => _block.Dispose();
}
