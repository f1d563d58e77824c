namespace KisFeed.Session;

/// <summary>Why a session ended.</summary>
public enum SessionEndReason
{
    /// <summary>It was asked to.</summary>
    Requested,

    /// <summary>The connection was lost or closed by the server.</summary>
    ConnectionLost,

    /// <summary>The server refused the session as a whole.</summary>
    Refused,
}
