namespace KisFeed;

/// <summary>Why no approval key could be had, told apart by what may be done about it.</summary>
public enum ApprovalKeyFailure
{
    /// <summary>The service cannot be reached or failed itself (HTTP 408 or 5xx): trying again, later and later, may help.</summary>
    Unreachable,

    /// <summary>The service does not accept the app key or the app secret (EGW00103, EGW00105): no waiting mends that.</summary>
    BadCredentials,

    /// <summary>Too many requests (EGW00201, EGW00133, HTTP 429): wait a minute before the next.</summary>
    TooManyRequests,

    /// <summary>The service turned the request down for another reason, or answered with no key: see <see cref="ApprovalKeyException.ErrorCode"/> and check the address.</summary>
    Rejected,
}
