using KisFeed.Capture.Files;
using KisFeed.Output;
using Microsoft.Win32.SafeHandles;

namespace KisFeed.Capture.Reading;

/// <summary>
/// Finds the block of a file from which everything since a time can be read, by decompressing a few blocks instead of all before it.
/// </summary>
internal static class BlockSeek
{
    /// <summary>
    /// Returns the offset of a block that begins with a line, all lines before which are earlier than a time. The lines of a
    /// file are in the order of their times.
    /// </summary>
    /// <returns>The offset; 0 if there is no later one.</returns>
    public static long Find(string path, DateTimeOffset time)
    {
        using var file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        using var unpacker = new BlockUnpacker();
        var buffer = new byte[BlockHeader.MaxBlockLength];
        var offsets = OffsetsIn(file, buffer);
        var (low, high) = (0, offsets.Count);

        // Blocks before low begin before the time, those from high on do not, or it is unknown.
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (FirstTimeIn(Text(file, offsets[middle], buffer, unpacker)) is { } first && first < time)
                low = middle + 1;
            else
                high = middle;
        }

        // The block before it may hold later lines too. A long line spans several blocks.
        for (var i = low - 1; i > 0; i--)
        {
            if (Text(file, offsets[i - 1], buffer, unpacker) is [.., (byte)'\n'])
                return offsets[i];
        }

        return 0;
    }

    // Up to the first bytes that are not a block: only reading can tell what is behind them.
    private static List<long> OffsetsIn(SafeFileHandle file, byte[] buffer)
    {
        var offsets = new List<long>();
        var header = buffer.AsSpan(0, BlockHeader.Length);
        var length = RandomAccess.GetLength(file);
        for (var offset = 0L; offset < length;)
        {
            if (RandomAccess.Read(file, header, offset) < header.Length
                || !BlockHeader.TryRead(header, out var blockLength)
                || offset + blockLength > length)
            {
                break;
            }
            if (blockLength > BlockHeader.EndMarker.Length)
                offsets.Add(offset);
            offset += blockLength;
        }

        return offsets;
    }

    private static byte[] Text(SafeFileHandle file, long offset, byte[] buffer, BlockUnpacker unpacker)
    {
        var count = RandomAccess.Read(file, buffer, offset);
        return BlockHeader.TryRead(buffer.AsSpan(0, count), out var length) && length <= count
            ? unpacker.Unpack(buffer.AsSpan(0, length)) ?? []
            : [];
    }

    // The block may begin within a line, and its first lines may be events of a form that this version does not know.
    private static DateTimeOffset? FirstTimeIn(ReadOnlyMemory<byte> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            if (CaptureLine.TryRead(end < 0 ? text : text[..end], out var line))
                return line.At;
            text = end < 0 ? default : text[(end + 1)..];
        }

        return null;
    }
}
