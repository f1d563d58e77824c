namespace KisFeed;

/// <summary>The server did not answer a registration in time.</summary>
public sealed class SubscribeTimeoutException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public SubscribeTimeoutException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public SubscribeTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public SubscribeTimeoutException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
