using KisFeed.PostgreSql;
using Npgsql;

namespace KisFeed.Cli.Storing;

/// <summary>Errors of a sink as users of the command read them: with the options of the command in place of the library's.</summary>
internal static class SinkText
{
    private static readonly (string Library, string Command)[] s_names =
    [
        ($" with {nameof(PostgreSqlSchema)}.{nameof(PostgreSqlSchema.UpdateAsync)}", " with 'kisfeed sink --update-schema'"),
        ($"{nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Capture)}", "--name"),
        ($" to {nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Catalog)}", " with --layouts"),
        ($"{nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Schema)}", "--schema"),
        ($"{nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.ConnectionString)}", "the address of the database"),
        ("the connection string, or in the variable PGPASSWORD, or in the file ~/.pgpass",
            "KISFEED_PG_PASSWORD, --password-file or ~/.pgpass"),
        ("in the connection string", "in the address of the database"),
    ];

    public static string Of(string message) =>
        s_names.Aggregate(message, (text, name) => text.Replace(name.Library, name.Command, StringComparison.Ordinal));

    // .NET appends the name of the parameter.
    public static string Of(ArgumentException e) => Of(e.Message.Split(" (Parameter '")[0]);

    public static int ExitCodeOf(PostgreSqlSinkException e)
    {
        if (e.IsCaptureProblem)
            return ExitCode.DataLost;
        return e.InnerException is NpgsqlException { IsTransient: true } ? ExitCode.ConnectionLost : ExitCode.Refused;
    }
}
