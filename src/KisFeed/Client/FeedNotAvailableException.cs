namespace KisFeed;

/// <summary>The chosen service does not have the feed; nothing was sent.</summary>
public sealed class FeedNotAvailableException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public FeedNotAvailableException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public FeedNotAvailableException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public FeedNotAvailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
