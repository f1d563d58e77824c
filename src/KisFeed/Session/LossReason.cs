namespace KisFeed.Session;

/// <summary>Why a connection that stood is given up.</summary>
public enum LossReason
{
    /// <summary>The server closed it, or it broke.</summary>
    Closed,

    /// <summary>Nothing arrived for longer than the watchdog allows.</summary>
    Silence,

    /// <summary>The server refused the session as a whole; its answer says why.</summary>
    Refused,
}
