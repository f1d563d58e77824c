namespace KisFeed.Capture;

/// <summary>A capture cannot be written or read at all; the message says why and what to do. Flaws inside of a capture are <see cref="CaptureProblem"/>s.</summary>
public sealed class CaptureException : Exception
{
    /// <summary>Without a message.</summary>
    public CaptureException()
    {
    }

    /// <summary>With a message.</summary>
    public CaptureException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public CaptureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
