using System.Runtime.InteropServices;

namespace KisFeed.Capture;

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
        return Rubbish(window);
    }

    /// <summary>What is no block, or a damaged one: up to where the next may begin.</summary>
    public static BlockStep Rubbish(ReadOnlySpan<byte> window)
    {
        for (var i = 1; i < window.Length; i++)
        {
            var next = window[i..].IndexOf(BlockHeader.EndMarker[..4]);
            if (next < 0)
                break;
            i += next;
            if (BlockHeader.TryRead(window[i..], out _) || window.Length - i < BlockHeader.Length)
                return new BlockStep(BlockStepKind.Rubbish, i);
        }

        // A head may have begun in the last bytes.
        return new BlockStep(BlockStepKind.Rubbish, Math.Max(1, window.Length < BlockHeader.MaxBlockLength ? window.Length : window.Length - BlockHeader.Length));
    }
}
