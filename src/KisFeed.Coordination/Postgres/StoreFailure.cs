using System.Net.Sockets;
using Npgsql;
using static KisFeed.Diagnostics.ExceptionChain;

namespace KisFeed.Coordination.Postgres;

/// <summary>Describes failures of the database, without a password.</summary>
internal static class StoreFailure
{
    /// <summary>The problem in one line, and what to do about it if waiting does not help.</summary>
    public static string TextOf(Exception e, string schema)
    {
        if (Find<PostgresException>(e) is { } problem)
            return $"PostgreSQL reports {problem.SqlState}: {problem.MessageText}{AdviceOn(problem.SqlState, schema)}";
        if (Find<SocketException>(e) is { } socket)
            return $"the database cannot be reached: {socket.Message}";

        // The password could not be read.
        if (Find<KisFeedException>(e) is { } own)
            return own.Message;
        return e is TimeoutException or OperationCanceledException
            ? "the database does not answer in time"
            : $"the connection to the database failed: {e.Message}";
    }

    /// <summary>
    /// The problem in a few words. Messages of the server and of the network may name hosts and users, so it contains none.
    /// </summary>
    public static string SummaryOf(Exception e)
    {
        if (Find<PostgresException>(e) is { } problem)
            return $"PostgreSQL reports {problem.SqlState}";
        if (Find<SocketException>(e) is not null)
            return "the database cannot be reached";
        return Find<TimeoutException>(e) is not null ? "the database does not answer in time" : "the connection to the database failed";
    }

    /// <summary>Whether it is a problem of the network or the server rather than a bug.</summary>
    public static bool IsExpected(Exception e) =>
        e is NpgsqlException or SocketException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>Whether the server could not be reached, or could not answer then, so that the same request may succeed later.</summary>
    public static bool IsTransient(Exception e) => e is NpgsqlException database ? database.IsTransient : IsExpected(e);

    private static string AdviceOn(string sqlState, string schema) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword => ": check the user name and the password in the connection string",
        PostgresErrorCodes.InvalidAuthorizationSpecification =>
            ": check the user name in the connection string, and that pg_hba.conf of the server allows it to connect from here",
        PostgresErrorCodes.InvalidCatalogName => ": create the database, or correct its name in the connection string",
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.UndefinedFunction =>
            $": create or update the schema {schema} as its owner with 'kisfeed cluster setup', and give this role its rights with "
            + "--gateways (docs/coordination.md)",
        _ => "",
    };
}
