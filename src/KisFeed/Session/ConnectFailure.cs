namespace KisFeed.Session;

/// <summary>Why a connection did not come about.</summary>
public enum ConnectFailure
{
    /// <summary>The service cannot be reached, does not answer, or fails. Waiting may mend it.</summary>
    Unreachable,

    /// <summary>The service answered and turned the attempt down.</summary>
    Rejected,

    /// <summary>The service wants fewer requests.</summary>
    TooManyRequests,

    /// <summary>The app key or the app secret is wrong. Waiting does not mend it.</summary>
    BadCredentials,
}
