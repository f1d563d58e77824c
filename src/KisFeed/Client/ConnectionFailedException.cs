namespace KisFeed;

/// <summary>A connection could not be made.</summary>
public sealed class ConnectionFailedException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public ConnectionFailedException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ConnectionFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public ConnectionFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the service answered and turned the connection down, rather than being out of reach.</summary>
    public bool IsRejected { get; init; }
}
