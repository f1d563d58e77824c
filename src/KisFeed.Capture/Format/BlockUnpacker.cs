using System.IO.Compression;

namespace KisFeed.Capture;

/// <summary>Unpacks blocks, each into an array of its own. For one thread at a time.</summary>
internal sealed class BlockUnpacker : IDisposable
{
    private readonly MemoryStream _block = new(BlockHeader.MaxBlockLength + EndMember.Bytes.Length);
    private readonly byte[] _end = new byte[EndMember.Text.Length + 1];

    /// <summary>The text of a whole block; <see langword="null"/> where it is damaged: its text is not of the length or the checksum that it says.</summary>
    public byte[]? Unpack(ReadOnlySpan<byte> block)
    {
        var length = BlockHeader.TextLengthOf(block);
        if (length > BlockHeader.MostText)
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
