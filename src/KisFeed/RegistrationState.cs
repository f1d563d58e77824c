namespace KisFeed;

/// <summary>The state of a registration at the server.</summary>
public enum RegistrationState
{
    /// <summary>Requested by a subscriber; not sent yet.</summary>
    Queued,

    /// <summary>The request was sent; the answer is pending.</summary>
    Registering,

    /// <summary>The server has acknowledged it.</summary>
    Registered,

    /// <summary>A request was sent without a proper answer: the server may or may not hold it. It is released to make sure.</summary>
    Unanswered,

    /// <summary>The release was sent; the answer is pending.</summary>
    Releasing,

    /// <summary>Removed: released, refused, or ended with its connection.</summary>
    Ended,

    /// <summary>
    /// A registration with a higher priority has its slot (<see cref="SubscribeOptions.Priority"/>). It is registered again when there is a
    /// slot for it.
    /// </summary>
    Evicted,
}
