using KisFeed.Coordination;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed cluster setup</c>: creates the schema of a cluster.</summary>
internal sealed class ClusterSetupCommand : KisFeedCommand
{
    private readonly ClusterDatabaseArgument _database = new();
    private readonly ValueOption<string?> _gateways = new("--gateways", "ROLE",
        "Give this role the rights of ingests and edges. [none: the owner of the schema has them]");
    private readonly ValueOption<string?> _monitors = new("--monitors", "ROLE",
        "Give this role the right to read, for 'kisfeed cluster status'.");

    public ClusterSetupCommand(CommandHost host)
        : base(host, "setup", "Create the tables of a cluster, or bring them to this version, as the role that is to own them. "
            + "Gateways do this at their start if their role may.")
    {
        _database.AddTo(this);
        this.AddAll(_gateways, _monitors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed cluster setup postgres://kisfeed_owner@db/kisfeed --gateways kisfeed --monitors kisfeed_monitor",
            "the tables, for gateways that cannot change them; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.ConnectionLost, "the database cannot be reached, or refuses"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (database, name, schema) = _database.Read(Host, arguments);
        await using (database)
        {
            try
            {
                await database.UpdateSchemaAsync(cancellationToken);
                if (arguments.GetValue(_gateways) is not null || arguments.GetValue(_monitors) is not null)
                    await database.GrantAsync(arguments.GetValue(_gateways), arguments.GetValue(_monitors), cancellationToken);
            }
            catch (CoordinationException e)
            {
                throw new CommandException(e.Message, ExitCode.ConnectionLost);
            }
        }

        Host.WriteMessage($"kisfeed: the schema {schema} of {name} is up to date");
        return ExitCode.Success;
    }
}
