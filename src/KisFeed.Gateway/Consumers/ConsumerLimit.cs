namespace KisFeed.Gateway;

/// <summary>What a consumer may have only so much of.</summary>
internal enum ConsumerLimit
{
    /// <summary>Connections at once.</summary>
    Connections,

    /// <summary>Registrations at once.</summary>
    Registrations,

    /// <summary>Places upstream at once.</summary>
    Places,

    /// <summary>New registrations upstream in a time.</summary>
    NewRegistrations,

    /// <summary>Requests in a time.</summary>
    Requests,

    /// <summary>The length of a message.</summary>
    MessageBytes,
}
