namespace KisFeed;

/// <summary>Something that a consumer of this library has to know of. No message holds a secret.</summary>
public class KisFeedException : Exception
{
    /// <summary>Without a message.</summary>
    public KisFeedException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public KisFeedException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public KisFeedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
