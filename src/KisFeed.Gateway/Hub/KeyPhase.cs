namespace KisFeed.Gateway;

/// <summary>How a key stands upstream. At most one request is open for a key at any time.</summary>
internal enum KeyPhase
{
    /// <summary>It waits for the place of a key that nobody wants any more. Nothing has been asked for.</summary>
    Queued,

    /// <summary>It has been asked for; the answer is awaited.</summary>
    Adding,

    /// <summary>It has been asked for, and is to be given back as soon as the answer is there.</summary>
    Dropping,

    /// <summary>It is registered.</summary>
    Held,

    /// <summary>It is being given back.</summary>
    Removing,
}
