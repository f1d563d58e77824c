namespace KisFeed.Session;

/// <summary>How far a registration has come on the wire.</summary>
public enum RegistrationState
{
    /// <summary>Asked for; the request has not been sent yet.</summary>
    Queued,

    /// <summary>The request has been sent; the answer is awaited.</summary>
    Registering,

    /// <summary>The server has acknowledged it.</summary>
    Registered,

    /// <summary>A request was sent and not answered as it should be: the server may or may not hold it. It is released to make sure.</summary>
    Unanswered,

    /// <summary>The release has been sent; the answer is awaited.</summary>
    Releasing,

    /// <summary>Gone: released, refused, or ended with its connection.</summary>
    Ended,
}
