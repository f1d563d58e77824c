using System.Buffers.Binary;

namespace KisFeed.Capture.Files;

/// <summary>
/// The header of a block. Blocks are those of BGZF (SAM/BAM format specification, section 4.1): gzip members with their length in an extra
/// field, so that a file can be traversed, checked and cut without decompression. Every gzip program can read them.
/// </summary>
internal static class BlockHeader
{
    public const int Length = 18;

    /// <summary>The length of the trailer: the CRC-32 and the length of the text.</summary>
    public const int TrailerLength = 8;

    public const int MaxBlockLength = 1 << 16;

    /// <summary>The maximum length of text written into a block, which fits even if it is incompressible.</summary>
    public const int MaxTextLength = 0xff00;

    /// <summary>The maximum length of text that a block can hold.</summary>
    public const int MaxUnpackedLength = 1 << 16;

    /// <summary>The empty block that marks the end of a file that was closed normally.</summary>
    public static ReadOnlySpan<byte> EndMarker =>
    [
        0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1b, 0,
        0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    public static void Write(Span<byte> head, int blockLength)
    {
        EndMarker[..Length].CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[16..], checked((ushort)(blockLength - 1)));
    }

    /// <summary>Reads the length of the block that begins here; <see langword="false"/> if no complete header begins here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int blockLength)
    {
        blockLength = 0;
        if (bytes.Length < Length || !bytes[..4].SequenceEqual(EndMarker[..4]) || !bytes[10..16].SequenceEqual(EndMarker[10..16]))
            return false;
        blockLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]) + 1;
        return blockLength > Length + TrailerLength;
    }

    /// <summary>Returns the length of the text of a complete block, according to its trailer.</summary>
    public static int TextLengthOf(ReadOnlySpan<byte> block) =>
        (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(block[^4..]), int.MaxValue);
}

/// <summary>Detects the format of a file by its first bytes.</summary>
internal static class FormatDetector
{
    public static CaptureFileFormat Of(ReadOnlySpan<byte> beginning)
    {
        if (BlockHeader.TryRead(beginning, out _))
            return CaptureFileFormat.Blocks;

        // If the recorder was killed during the first block, the file may not even have a complete header.
        if (!beginning.IsEmpty
            && beginning.Length < BlockHeader.Length
            && BlockHeader.EndMarker.StartsWith(beginning[..Math.Min(beginning.Length, 16)]))
        {
            return CaptureFileFormat.Blocks;
        }
        return beginning is [0x1f, 0x8b, ..] ? CaptureFileFormat.Gzip : CaptureFileFormat.Text;
    }
}
