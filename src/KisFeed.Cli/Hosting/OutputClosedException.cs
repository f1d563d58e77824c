namespace KisFeed.Cli.Hosting;

/// <summary>Whoever read standard output has gone, as <c>head -1</c> does: a reason to end, not an error.</summary>
internal sealed class OutputClosedException : Exception
{
    public OutputClosedException()
        : this("standard output is closed")
    {
    }

    public OutputClosedException(string message)
        : base(message)
    {
    }

    public OutputClosedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
