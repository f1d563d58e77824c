using System.Net.Sockets;
using Npgsql;
using static KisFeed.Diagnostics.ExceptionChain;

namespace KisFeed.PostgreSql.Storing;

/// <summary>Classifies exceptions of the database: which of them retrying may fix, and what people should do about the others.</summary>
internal static class SinkFailure
{
    /// <summary>The summary of a problem that is not an exception: some files or old days.</summary>
    public const string UnstoredSummary = "a part of the recording cannot be stored, or an old day not dropped";

    /// <summary>Returns what to do about an error that retrying does not fix; <see langword="null"/> if it may.</summary>
    public static string? AdviceOn(Exception e, PostgreSqlSinkOptions options) => Find<PostgresException>(e)?.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => "check the user name and the password in the connection string",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "check the user name in the connection string, and that pg_hba.conf of the server allows it to connect from here",
        PostgresErrorCodes.InvalidCatalogName => "create the database, or correct its name in the connection string",
        PostgresErrorCodes.InsufficientPrivilege => $"create or update the schema {options.Schema} as its owner "
            + $"with {nameof(PostgreSqlSchema)}.{nameof(PostgreSqlSchema.UpdateAsync)}, and grant this role the "
            + "rights to write (docs/history.md)",
        PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.SyntaxError =>
            "use PostgreSQL 13 or newer",
        _ => IsWithoutPassword(e)
            ? "set the password in the connection string, or in the variable PGPASSWORD, or in the file ~/.pgpass"
            : null,
    };

    /// <summary>Whether a row exists already.</summary>
    public static bool IsDuplicate(Exception e) => Find<PostgresException>(e)?.SqlState == PostgresErrorCodes.UniqueViolation;

    /// <summary>Whether it is a problem of the machine, the network or the server rather than a bug.</summary>
    public static bool IsExpected(Exception e) =>
        e is NpgsqlException or SocketException or IOException or UnauthorizedAccessException or TimeoutException or CaptureBusyException;

    /// <summary>
    /// Returns the problem in one line. Messages of PostgreSQL and Npgsql contain no password, and details with data are left out.
    /// </summary>
    public static string TextOf(Exception e)
    {
        if (Find<PostgresException>(e) is { } problem)
            return $"PostgreSQL reports {problem.SqlState}: {problem.MessageText}";
        if (Find<SocketException>(e) is { } socket)
            return $"the database cannot be reached: {socket.Message}";
        return e switch
        {
            NpgsqlException => $"the connection to the database failed: {e.Message}",
            IOException or UnauthorizedAccessException or TimeoutException or CaptureBusyException => e.Message,
            _ => $"unexpected error ({e.GetType().Name})",
        };
    }

    /// <summary>Returns the problem in a few words, without names of hosts, users, databases and files.</summary>
    public static string SummaryOf(Exception e) =>
        Find<PostgresException>(e) is { } problem ? $"{SummaryOf(problem.SqlState)} ({problem.SqlState})" : e switch
        {
            CaptureBusyException => "another sink stores this recording",
            PostgreSqlSinkException { IsCaptureProblem: true } => UnstoredSummary,
            PostgreSqlSinkException { InnerException: null } => "the database is not as expected",
            _ when Find<SocketException>(e) is not null => "the database cannot be reached",
            _ when Find<NpgsqlException>(e) is not null => "the connection to the database failed",
            IOException or UnauthorizedAccessException => "the recording cannot be read",
            TimeoutException => "the database does not answer in time",
            _ => "unexpected error",
        };

    private static string SummaryOf(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "the database refuses the user or the password",
        PostgresErrorCodes.InvalidCatalogName => "the database does not exist",
        PostgresErrorCodes.InsufficientPrivilege => "a right in the database is missing",
        PostgresErrorCodes.DiskFull => "the disk of the database is full",
        PostgresErrorCodes.TooManyConnections => "the database has too many connections",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            "the database is starting or stopping",
        PostgresErrorCodes.ReadOnlySqlTransaction => "the database is read-only",
        _ => "PostgreSQL reports an error",
    };

    // Npgsql has no code for this.
    private static bool IsWithoutPassword(Exception e) =>
        e is NpgsqlException and not PostgresException && e.Message.StartsWith("No password has been provided", StringComparison.Ordinal);
}

/// <summary>Another connection stores the capture.</summary>
internal sealed class CaptureBusyException(string message) : Exception(message);
