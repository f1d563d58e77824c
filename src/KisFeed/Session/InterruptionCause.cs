namespace KisFeed.Session;

/// <summary>Why data of a registration may be missing.</summary>
public enum InterruptionCause
{
    /// <summary>The connection was lost.</summary>
    ConnectionLost,

    /// <summary>The connection was dead and was replaced.</summary>
    Silence,

    /// <summary>The registration had to be released and made anew.</summary>
    Renewed,

    /// <summary>The registration went over to another session.</summary>
    Moved,
}
