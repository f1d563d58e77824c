using System.IO.Compression;

namespace KisFeed.Capture.Files;

/// <summary>Decompresses blocks. Not thread-safe.</summary>
internal sealed class BlockUnpacker : IDisposable
{
    private readonly MemoryStream _block = new(BlockHeader.MaxBlockLength + EndMember.Bytes.Length);
    private readonly byte[] _end = new byte[EndMember.Text.Length + 1];

    /// <summary>Returns the text of a complete block in its own array; <see langword="null"/> if its length or checksum is wrong.</summary>
    public byte[]? Unpack(ReadOnlySpan<byte> block)
    {
        byte[] text = [];
        return TryUnpack(block, ref text, out _) ? text : null;
    }

    /// <summary>Reads the element at the beginning of a window on a file.</summary>
    /// <param name="window">The file from the current position: at least <see cref="BlockHeader.MaxBlockLength"/> bytes,
    /// unless the file ends sooner.</param>
    /// <param name="buffer">Receives the text; replaced if it is too short.</param>
    public BlockStep Next(ReadOnlySpan<byte> window, ref byte[] buffer)
    {
        if (window.IsEmpty)
            return default;
        return BlockHeader.TryRead(window, out var length)
            && length <= window.Length
            && TryUnpack(window[..length], ref buffer, out var textLength)
                ? new BlockStep(length, buffer.AsMemory(0, textLength))
                : new BlockStep(BlockStep.GarbageLength(window), null);
    }

    private bool TryUnpack(ReadOnlySpan<byte> block, ref byte[] buffer, out int length)
    {
        length = BlockHeader.TextLengthOf(block);
        if (length > BlockHeader.MaxUnpackedLength)
            return false;
        _block.SetLength(0);
        _block.Write(block);
        _block.Write(EndMember.Bytes);
        _block.Position = 0;
        try
        {
            using var gzip = new GZipStream(_block, CompressionMode.Decompress, leaveOpen: true);
            if (buffer.Length < length)
                buffer = new byte[length];
            if (gzip.ReadAtLeast(buffer.AsSpan(0, length), length, throwOnEndOfStream: false) != length)
                return false;

            // The text must have the stated length, and the end member follows only if the checksum is right.
            var endLength = gzip.ReadAtLeast(_end, _end.Length, throwOnEndOfStream: false);
            return _end.AsSpan(0, endLength).SequenceEqual(EndMember.Text);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    public void Dispose() => _block.Dispose();
}

/// <summary>
/// A gzip member that is appended to others before decompression. The framework's reader treats truncated data as the end of the text
/// without checking the checksum, and damage can make it read the checksum itself as compressed data. The text of this member appears only
/// if everything before it was intact.
/// </summary>
internal static class EndMember
{
    /// <summary>
    /// The member: <see cref="Text"/> stored uncompressed, so that misinterpreting its bytes as compressed data does not produce the text.
    /// </summary>
    public static ReadOnlySpan<byte> Bytes =>
    [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff,
        0x01, 0x10, 0, 0xef, 0xff,
        0x3e, 0x4b, 0x7a, 0x26, 0xa1, 0x34, 0x9d, 0xc1, 0x00, 0xc7, 0x61, 0xdf, 0x6f, 0xf8, 0x43, 0x37,
        0x55, 0xe5, 0x28, 0x98, 0x10, 0, 0, 0,
    ];

    /// <summary>Its text: random bytes that cannot occur in a capture, which is UTF-8.</summary>
    public static ReadOnlySpan<byte> Text => Bytes.Slice(15, 16);
}
