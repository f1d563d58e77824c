using System.Buffers.Binary;
using System.Runtime.InteropServices;

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
    public const int MaxUnpackedLength = 1 << 16;

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

/// <summary>What stands next in a file of blocks.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">How many bytes it takes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlockStep(BlockStepKind Kind, int Length)
{
    /// <summary>Finds out what stands at the beginning of a window on a file.</summary>
    /// <param name="window">The file from where one is; at least <see cref="BlockHeader.MaxBlockLength"/> bytes, unless the file ends sooner.</param>
    public static BlockStep Next(ReadOnlySpan<byte> window)
    {
        if (window.IsEmpty)
            return new BlockStep(BlockStepKind.End, 0);
        if (BlockHeader.TryRead(window, out var length) && length <= window.Length)
            return new BlockStep(BlockStepKind.Block, length);
        return Garbage(window);
    }

    /// <summary>What is no block, or a damaged one: up to where the next may begin.</summary>
    public static BlockStep Garbage(ReadOnlySpan<byte> window)
    {
        for (var i = 1; i < window.Length; i++)
        {
            var next = window[i..].IndexOf(BlockHeader.EndMarker[..4]);
            if (next < 0)
                break;
            i += next;
            if (BlockHeader.TryRead(window[i..], out _) || window.Length - i < BlockHeader.Length)
                return new BlockStep(BlockStepKind.Garbage, i);
        }

        // A head may have begun in the last bytes.
        return new BlockStep(BlockStepKind.Garbage, Math.Max(1, window.Length < BlockHeader.MaxBlockLength ? window.Length : window.Length - BlockHeader.Length));
    }
}

/// <summary>What can stand next in a file of blocks.</summary>
internal enum BlockStepKind
{
    /// <summary>A whole block; whether it is sound shows when it is unpacked.</summary>
    Block,

    /// <summary>Something that is no whole block.</summary>
    Garbage,

    /// <summary>Nothing: the file ends.</summary>
    End,
}

/// <summary>Tells by the first bytes of a file how it holds its lines.</summary>
internal static class FormatDetector
{
    public static CaptureFileFormat Of(ReadOnlySpan<byte> beginning)
    {
        if (BlockHeader.TryRead(beginning, out _))
            return CaptureFileFormat.Blocks;

        // A file whose recorder was killed in the very first block may not even have a whole head.
        if (!beginning.IsEmpty && beginning.Length < BlockHeader.Length && BlockHeader.EndMarker.StartsWith(beginning[..Math.Min(beginning.Length, 16)]))
            return CaptureFileFormat.Blocks;
        return beginning is [0x1f, 0x8b, ..] ? CaptureFileFormat.Gzip : CaptureFileFormat.Text;
    }
}
