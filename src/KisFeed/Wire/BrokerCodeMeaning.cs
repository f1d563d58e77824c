namespace KisFeed.Wire;

/// <summary>The meaning of a result code for a client.</summary>
public enum BrokerCodeMeaning
{
    /// <summary>The code is not documented.</summary>
    Unknown,

    /// <summary>The request succeeded.</summary>
    Done,

    /// <summary>The registration already exists. This response contains no new key and IV.</summary>
    AlreadyRegistered,

    /// <summary>The registration to release does not exist.</summary>
    NotRegistered,

    /// <summary>The service failed; the same request may succeed later.</summary>
    TryLater,

    /// <summary>The session is full; the same request fails again until a registration is released.</summary>
    SessionFull,

    /// <summary>The app key or secret is wrong.</summary>
    BadCredentials,

    /// <summary>The approval key is unknown or has expired; a new one is needed.</summary>
    UnknownApprovalKey,

    /// <summary>The HTS ID is wrong.</summary>
    WrongHtsId,

    /// <summary>The TR ID or the key is wrong.</summary>
    InvalidRegistration,

    /// <summary>Another session holds the app key.</summary>
    AppKeyInUse,

    /// <summary>The request was not understood.</summary>
    MalformedRequest,
}
