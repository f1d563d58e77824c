using KisFeed.Cli.Clusters;
using KisFeed.Coordination;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed cluster status</c>: shows the processes, app keys and keys of a cluster.</summary>
internal sealed class ClusterStatusCommand : KisFeedCommand
{
    private readonly ClusterDatabaseArgument _database = new();
    private readonly SwitchOption _json = new("--json", "Print one JSON object.");
    private readonly SwitchOption _keys = new("--keys", "List every key, not only those with a problem. JSON always has all of them.");

    public ClusterStatusCommand(CommandHost host)
        : base(host, "status", "Show the nodes of a cluster, the lease of each app key, the keys, and how far the nodes are behind.")
    {
        _database.AddTo(this);
        this.AddAll(_json, _keys);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed cluster status postgres://kisfeed_monitor@db/kisfeed",
            "the state of the cluster; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass"),
        ("kisfeed cluster status --json | jq '.keys[] | select(.state != \"registered\")'",
            "keys that are wanted and not registered; the database from KISFEED_COORDINATION"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.ConnectionLost, "the database cannot be reached, or refuses"),
        (ExitCode.Unhealthy, "an app key has no holder, a key that is wanted is not registered, or a node is behind"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (database, name, _) = _database.Read(Host, arguments);
        ClusterStatus status;
        await using (database)
        {
            try
            {
                using var progress = new Progress(Host, () => $"reading {name} …");
                status = await database.ReadStatusAsync(cancellationToken: cancellationToken);
            }
            catch (CoordinationException e)
            {
                throw new CommandException(e.Message, ExitCode.ConnectionLost);
            }
        }

        var problems = ClusterHealth.ProblemsOf(status);
        await Host.WriteAsync(
            arguments.GetValue(_json)
                ? ClusterStatusJson.LineOf(status, problems)
                : ClusterStatusText.Of(status, problems, arguments.GetValue(_keys)),
            cancellationToken);
        return problems.Count == 0 ? ExitCode.Success : ExitCode.Unhealthy;
    }
}
