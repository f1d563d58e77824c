using System.Runtime.InteropServices;

namespace KisFeed.Capture.Files;

/// <summary>The next element of a file of blocks.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlockStep(BlockStepKind Kind, int Length)
{
    /// <summary>Determines the element at the beginning of a window on a file.</summary>
    /// <param name="window">The file from the current position: at least <see cref="BlockHeader.MaxBlockLength"/> bytes,
    /// unless the file ends sooner.</param>
    public static BlockStep Next(ReadOnlySpan<byte> window)
    {
        if (window.IsEmpty)
            return new BlockStep(BlockStepKind.End, 0);
        if (BlockHeader.TryRead(window, out var length) && length <= window.Length)
            return new BlockStep(BlockStepKind.Block, length);
        return Garbage(window);
    }

    /// <summary>Returns the garbage up to the next possible block.</summary>
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

        // A header may begin in the last bytes.
        return new BlockStep(
            BlockStepKind.Garbage,
            Math.Max(1, window.Length < BlockHeader.MaxBlockLength ? window.Length : window.Length - BlockHeader.Length));
    }
}

internal enum BlockStepKind
{
    /// <summary>A complete block. Decompression checks its content.</summary>
    Block,
    Garbage,
    End,
}
