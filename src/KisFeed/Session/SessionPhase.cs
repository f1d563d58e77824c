namespace KisFeed.Session;

/// <summary>Where a session is in its life.</summary>
public enum SessionPhase
{
    /// <summary>Not connected yet.</summary>
    Idle,

    /// <summary>Connected: requests are sent and frames arrive.</summary>
    Open,

    /// <summary>Over, for good.</summary>
    Ended,
}
