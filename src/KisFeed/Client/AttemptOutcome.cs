namespace KisFeed;

/// <summary>What came of an attempt to connect.</summary>
internal enum AttemptOutcome
{
    /// <summary>The connection stands.</summary>
    Connected,

    /// <summary>The service cannot be reached, does not answer, or fails.</summary>
    Unreachable,

    /// <summary>The service answered and turned the attempt down.</summary>
    Rejected,

    /// <summary>The service wants fewer requests.</summary>
    TooManyRequests,

    /// <summary>The app key or the app secret is wrong.</summary>
    BadCredentials,

    /// <summary>Nobody wanted it any more.</summary>
    Abandoned,

    /// <summary>A mistake of this library.</summary>
    Failed,
}
