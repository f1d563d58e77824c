using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>The session is over without having been asked to end, and no further attempt to connect is made; everything received before has been delivered.</summary>
public sealed class ConnectionLostException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public ConnectionLostException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ConnectionLostException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public ConnectionLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The code with which the server ended the session, where it gave one.</summary>
    public BrokerCode? Code { get; init; }

    /// <summary>Why no further attempt to connect is made.</summary>
    public HaltReason? Reason { get; init; }
}
