namespace KisFeed.Capture;

/// <summary>How far a file is as it was written.</summary>
public enum FileIntegrity
{
    /// <summary>Closed in order, each block sound, and its checksum that of the manifest.</summary>
    Verified,

    /// <summary>Each block is sound; the manifest has no checksum of it, because it is not closed or the manifest is missing.</summary>
    Sound,

    /// <summary>No blocks, so nothing in it can be checked but that it could be unpacked and its lines read.</summary>
    Unchecked,

    /// <summary>It ends in the middle of what was written last.</summary>
    TornTail,

    /// <summary>Part of it is damaged, or cannot be read.</summary>
    Damaged,

    /// <summary>Each block is sound, but it is not the file that the manifest tells of.</summary>
    Changed,
}
