using System.Runtime.InteropServices;

namespace KisFeed.Capture.Files;

/// <summary>The next element of a file of blocks: an intact block, or garbage.</summary>
/// <param name="Length">Its length in the file; 0 at the end of the file.</param>
/// <param name="Text">The text of the block; <see langword="null"/> for garbage.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlockStep(int Length, ReadOnlyMemory<byte>? Text)
{
    public bool IsEnd => Length == 0;

    /// <summary>Returns the length of the garbage at the beginning of a window, up to the next possible block.</summary>
    public static int GarbageLength(ReadOnlySpan<byte> window)
    {
        for (var i = 1; i < window.Length; i++)
        {
            var next = window[i..].IndexOf(BlockHeader.EndMarker[..4]);
            if (next < 0)
                break;
            i += next;
            if (BlockHeader.TryRead(window[i..], out _) || window.Length - i < BlockHeader.Length)
                return i;
        }

        // A header may begin in the last bytes.
        return Math.Max(1, window.Length < BlockHeader.MaxBlockLength ? window.Length : window.Length - BlockHeader.Length);
    }
}
