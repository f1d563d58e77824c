namespace KisFeed;

/// <summary>The session holds as many registrations as the broker allows, or new ones are made more often than the options allow; nothing was sent.</summary>
public sealed class RegistrationLimitException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public RegistrationLimitException()
    {
    }

    /// <summary>When a new registration may be asked for again; <see langword="null"/> where every place is taken, and one has to be released first.</summary>
    public TimeSpan? RetryAfter { get; init; }

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
