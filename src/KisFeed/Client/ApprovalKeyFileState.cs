namespace KisFeed;

/// <summary>What was found where the approval keys should be.</summary>
internal enum ApprovalKeyFileState
{
    /// <summary>No file, or one that cannot be read.</summary>
    Unread,

    /// <summary>A file whose keys can be used.</summary>
    Sound,

    /// <summary>A file that others than its owner can read or write.</summary>
    Exposed,

    /// <summary>A file that is not of the form.</summary>
    Damaged,
}
