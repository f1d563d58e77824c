namespace KisFeed;

/// <summary>The options cannot be used; the message says what to set.</summary>
public sealed class KisFeedConfigurationException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public KisFeedConfigurationException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public KisFeedConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public KisFeedConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
