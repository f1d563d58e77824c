namespace KisFeed.PostgreSql;

/// <summary>
/// A capture cannot be stored in PostgreSQL, or a schema cannot be read or changed, and retrying would not fix it. The message says why and
/// what to do; it contains no password.
/// </summary>
public sealed class PostgreSqlSinkException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public PostgreSqlSinkException()
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    public PostgreSqlSinkException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    public PostgreSqlSinkException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the database is in order, and a part of the capture cannot be read. Everything else is stored.</summary>
    public bool IsCaptureProblem { get; init; }
}
