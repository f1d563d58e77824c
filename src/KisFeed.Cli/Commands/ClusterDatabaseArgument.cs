using KisFeed.Coordination;

namespace KisFeed.Cli.Commands;

/// <summary>The database of a cluster, as the argument of a command.</summary>
internal sealed class ClusterDatabaseArgument
{
    private readonly Argument<string?> _address = new("DATABASE")
    {
        Description = UiText.Of(
            "postgres://USER@HOST:PORT/DATABASE?sslmode=require, or a connection string of Npgsql. "
                + $"[{CoordinationCommandOptions.AddressVariable}]",
            $"postgres://USER@HOST:PORT/DATABASE?sslmode=require, 또는 Npgsql의 연결 문자열. [{CoordinationCommandOptions.AddressVariable}]"),
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly DatabaseOptions _options = new("--", CoordinationCommandOptions.AddressVariable, ClusterDatabase.DefaultSchema);

    public void AddTo(Command command)
    {
        _address.RefuseOptions();
        command.AddAll([_address, .. _options.All]);
    }

    /// <summary>Returns the database, its name for messages, and its schema.</summary>
    public (ClusterDatabase Database, string Name, string Schema) Read(CommandHost host, ParseResult arguments)
    {
        var database = _options.Read(host, arguments, arguments.GetValue(_address));
        var schema = _options.SchemaOf(arguments);
        try
        {
            return (new ClusterDatabase(database.ConnectionString, schema, database.ReadPassword), database.Name, schema);
        }
        catch (ArgumentException e)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
