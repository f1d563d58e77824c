using KisFeed.Coordination;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed cluster setup</c>: creates the schema of a cluster.</summary>
internal sealed class ClusterSetupCommand : KisFeedCommand
{
    private readonly ClusterDatabaseArgument _database = new();
    private readonly ValueOption<string?> _gateways = new("--gateways", "ROLE",
        UiText.Of(
            "Give this role the rights of ingests and edges. [none: the owner of the schema has them]",
            "수집 게이트웨이와 엣지의 권한을 줄 역할(role). [없음: 스키마 소유자가 권한을 가짐]"));
    private readonly ValueOption<string?> _monitors = new("--monitors", "ROLE",
        UiText.Of("Give this role the right to read, for 'kisfeed cluster status'.", "'kisfeed cluster status'를 위해 읽기 권한을 줄 역할(role)."));

    public ClusterSetupCommand(CommandHost host)
        : base(host, "setup", UiText.Of(
            "Create the tables of a cluster, or bring them to this version, as the role that is to own them. Gateways do this at their "
                + "start if their role may.",
            "클러스터의 테이블을 만들거나 이 버전에 맞게 변경. 소유자가 될 역할(role)로 실행합니다. 게이트웨이도 권한이 있으면 시작할 때 같은 일을 합니다."))
    {
        _database.AddTo(this);
        this.AddAll(_gateways, _monitors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed cluster setup postgres://kisfeed_owner@db/kisfeed --gateways kisfeed --monitors kisfeed_monitor",
            UiText.Of(
                "the tables, for gateways that cannot change them; the password from KISFEED_PG_PASSWORD, PGPASSWORD or ~/.pgpass",
                "테이블을 바꿀 수 없는 게이트웨이를 위해. 비밀번호는 KISFEED_PG_PASSWORD, PGPASSWORD, ~/.pgpass에서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.ConnectionLost, UiText.Of("the database cannot be reached, or refuses", "데이터베이스에 접속하지 못했거나 거부당함")),
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

        Host.WriteMessage(UiText.Of($"kisfeed: the schema {schema} of {name} is up to date", $"kisfeed: {name}의 스키마 {schema}: 최신 상태입니다"));
        return ExitCode.Success;
    }
}
