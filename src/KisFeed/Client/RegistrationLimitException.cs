namespace KisFeed;

/// <summary>The session holds as many registrations as the broker allows; nothing was sent.</summary>
public sealed class RegistrationLimitException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public RegistrationLimitException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public RegistrationLimitException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public RegistrationLimitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
