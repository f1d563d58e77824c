namespace KisFeed.Capture;

/// <summary>Tells by the first bytes of a file how it holds its lines.</summary>
internal static class FileForm
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
