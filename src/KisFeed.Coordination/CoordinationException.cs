namespace KisFeed.Coordination;

/// <summary>The database of a cluster cannot be used. The message says why and what to do; it contains no password.</summary>
public sealed class CoordinationException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public CoordinationException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    public CoordinationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    public CoordinationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The problem in a few words, without names of hosts, users and databases.</summary>
    public string Summary { get; init; } = "the database of the cluster cannot be used";

    /// <summary>Whether the server could not be reached or did not answer, so that the same call may succeed later.</summary>
    public bool IsTransient { get; init; }
}
