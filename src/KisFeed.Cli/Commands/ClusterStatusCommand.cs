using KisFeed.Cli.Clusters;
using KisFeed.Coordination;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed cluster status</c>: shows the processes, app keys and keys of a cluster.</summary>
internal sealed class ClusterStatusCommand : KisFeedCommand
{
    private readonly ClusterDatabaseArgument _database = new();
    private readonly SwitchOption _json = new("--json", UiText.Of("Print one JSON object.", "JSON 객체 하나로 출력."));
    private readonly SwitchOption _keys = new("--keys", UiText.Of(
        "List every key, not only those with a problem. JSON always has all of them.",
        "문제가 있는 키뿐 아니라 모든 키 표시. JSON에는 늘 모두 나옵니다."));

    public ClusterStatusCommand(CommandHost host)
        : base(host, "status", UiText.Of(
            "Show the nodes of a cluster, the lease of each app key, the keys, and how far the nodes are behind.",
            "클러스터의 노드, 앱키를 맡은 게이트웨이, 키, 노드별 지연 표시."))
    {
        _database.AddTo(this);
        this.AddAll(_json, _keys);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed cluster status postgres://kisfeed_monitor@db/kisfeed",
            UiText.Of(
                "the state of the cluster; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass",
                "클러스터의 상태. 비밀번호는 KISFEED_PG_PASSWORD, PGPASSWORD, ~/.pgpass에서")),
        ("kisfeed cluster status --json | jq '.keys[] | select(.state != \"registered\")'",
            UiText.Of(
                "keys that are wanted and not registered; the database from KISFEED_COORDINATION",
                "필요한데 등록되지 않은 키. 데이터베이스는 KISFEED_COORDINATION에서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.ConnectionLost, UiText.Of("the database cannot be reached, or refuses", "데이터베이스에 접속하지 못했거나 거부당함")),
        (ExitCode.Unhealthy, UiText.Of(
            "an app key has no holder, a key that is wanted is not registered, or a node is behind",
            "맡은 게이트웨이가 없는 앱키, 필요한데 등록되지 않은 키, 또는 뒤처진 노드가 있음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (database, name, _) = _database.Read(Host, arguments);
        ClusterStatus status;
        await using (database)
        {
            try
            {
                using var progress = new Progress(Host, () => UiText.Of($"reading {name} …", $"{name} 읽는 중 …"));
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
