namespace KisFeed.Session;

/// <summary>Where a session is in its life.</summary>
public enum SessionPhase
{
    /// <summary>Not connected, because nothing is wanted.</summary>
    Idle,

    /// <summary>Not connected; the next attempt follows when its time has come.</summary>
    Waiting,

    /// <summary>An attempt is being made.</summary>
    Connecting,

    /// <summary>Connected: requests are sent and frames arrive.</summary>
    Open,

    /// <summary>Not connected, and no further attempt is made: waiting does not mend what is wrong.</summary>
    Halted,

    /// <summary>Over, because the consumer wanted it to be.</summary>
    Ended,
}
