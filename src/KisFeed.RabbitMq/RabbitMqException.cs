namespace KisFeed.RabbitMq;

/// <summary>
/// Data cannot be published or read, and retrying would not fix it. The message says why and what to do; it contains no password.
/// </summary>
public sealed class RabbitMqException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public RabbitMqException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    public RabbitMqException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    public RabbitMqException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
