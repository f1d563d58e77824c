using System.Buffers.Binary;

namespace KisFeed.Capture;

/// <summary>
/// The head of a block. Blocks are those of BGZF (the SAM/BAM format specification, section 4.1): gzip members whose extra field says how long they are, so that a file can be
/// walked, checked and cut without being unpacked, and that every program that reads gzip reads.
/// </summary>
internal static class BlockHeader
{
    /// <summary>The length of the head.</summary>
    public const int Length = 18;

    /// <summary>The length of what stands behind the packed text: its CRC-32 and its length.</summary>
    public const int TrailerLength = 8;

    /// <summary>The longest that a block can be, head and all.</summary>
    public const int MaxBlockLength = 1 << 16;

    /// <summary>The most text that is put into a block, so that it fits even where it cannot be packed.</summary>
    public const int MaxTextLength = 0xff00;

    /// <summary>The most text that a block can hold.</summary>
    public const int MostText = 1 << 16;

    /// <summary>The empty block that stands at the end of a file that was closed in order.</summary>
    public static ReadOnlySpan<byte> EndMarker =>
    [
        0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 0x06, 0, 0x42, 0x43, 0x02, 0, 0x1b, 0,
        0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Writes the head of a block of this length.</summary>
    public static void Write(Span<byte> head, int blockLength)
    {
        EndMarker[..Length].CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[16..], checked((ushort)(blockLength - 1)));
    }

    /// <summary>Reads the length of the block that begins here; <see langword="false"/> where none does, or its head is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int blockLength)
    {
        blockLength = 0;
        if (bytes.Length < Length || !bytes[..4].SequenceEqual(EndMarker[..4]) || !bytes[10..16].SequenceEqual(EndMarker[10..16]))
            return false;
        blockLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]) + 1;
        return blockLength > Length + TrailerLength;
    }

    /// <summary>The length of the text of a whole block, as the block says.</summary>
    public static int TextLengthOf(ReadOnlySpan<byte> block) => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(block[^4..]), int.MaxValue);
}
