namespace KisFeed.Wire;

/// <summary>What a client should make of a result code.</summary>
public enum BrokerCodeMeaning
{
    /// <summary>The code is not documented.</summary>
    Unknown,

    /// <summary>The request was carried out.</summary>
    Done,

    /// <summary>The registration stands already; no fresh key and IV came with this answer.</summary>
    AlreadyRegistered,

    /// <summary>There was nothing to release.</summary>
    NotRegistered,

    /// <summary>The service could not; the same request may succeed later.</summary>
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
