namespace KisFeed.Capture;

/// <summary>How a file holds its lines.</summary>
public enum CaptureFileFormat
{
    /// <summary>Blocks, as the recorder writes them (BGZF): each checked by itself.</summary>
    Blocks,

    /// <summary>Gzip without blocks, as other programs write it.</summary>
    Gzip,

    /// <summary>Plain text.</summary>
    Text,
}
