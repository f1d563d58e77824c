using System.Net.Sockets;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>Classifies exceptions of the database: which of them retrying may fix, and what people should do about the others.</summary>
internal static class SinkFailure
{
    /// <summary>Returns what to do about an error that retrying does not fix; <see langword="null"/> if it may.</summary>
    public static string? AdviceOn(Exception e, PostgreSqlSinkOptions options) => Find<PostgresException>(e)?.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => "check the user name and the password in the connection string",
        PostgresErrorCodes.InvalidAuthorizationSpecification => "check the user name in the connection string, and that pg_hba.conf of the server allows it to connect from here",
        PostgresErrorCodes.InvalidCatalogName => "create the database, or correct its name in the connection string",
        PostgresErrorCodes.InsufficientPrivilege => $"create or update the schema {options.Schema} as its owner with {nameof(PostgreSqlSchema)}.{nameof(PostgreSqlSchema.UpdateAsync)}, and grant this role the rights to write (docs/history.md)",
        PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.SyntaxError => "use PostgreSQL 13 or newer",
        _ => IsWithoutPassword(e) ? "set the password in the connection string, or in the variable PGPASSWORD, or in the file ~/.pgpass" : null,
    };

    /// <summary>Whether a row exists already.</summary>
    public static bool IsDuplicate(Exception e) => Find<PostgresException>(e)?.SqlState == PostgresErrorCodes.UniqueViolation;

    /// <summary>Whether it is a problem of the machine, the network or the server rather than a bug.</summary>
    public static bool IsExpected(Exception e) => e is NpgsqlException or SocketException or IOException or UnauthorizedAccessException or TimeoutException;

    /// <summary>Returns the problem in one line. Messages of PostgreSQL and Npgsql contain no password, and details with data are left out.</summary>
    public static string TextOf(Exception e)
    {
        if (Find<PostgresException>(e) is { } problem)
            return $"PostgreSQL reports {problem.SqlState}: {problem.MessageText}";
        if (Find<SocketException>(e) is { } socket)
            return $"the database cannot be reached: {socket.Message}";
        return e switch
        {
            NpgsqlException => $"the connection to the database failed: {e.Message}",
            IOException or UnauthorizedAccessException or TimeoutException => e.Message,
            _ => $"unexpected error ({e.GetType().Name})",
        };
    }

    // Npgsql has no code for this.
    private static bool IsWithoutPassword(Exception e) => e is NpgsqlException and not PostgresException && e.Message.StartsWith("No password has been provided", StringComparison.Ordinal);

    private static TException? Find<TException>(Exception e)
        where TException : Exception
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is TException found)
                return found;
        }

        return null;
    }
}
