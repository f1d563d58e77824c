namespace KisFeed.Wire;

/// <summary>A layout file cannot be used; the message says what is wrong, where, and what is expected.</summary>
public sealed class LayoutFileException : Exception
{
    /// <summary>Without a message.</summary>
    public LayoutFileException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public LayoutFileException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public LayoutFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
