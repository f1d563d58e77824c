using KisFeed.Coordination;

namespace KisFeed.Cli.Options;

/// <summary>The options of a gateway that belongs to a cluster: its database, its name, and its times.</summary>
internal sealed class CoordinationCommandOptions
{
    public const string AddressVariable = "KISFEED_COORDINATION";

    // The times of a cluster have the same proportions for every lease.
    private const int PollsInLease = 3;
    private const int EdgeLeases = 4;

    private static readonly TimeSpan s_longestPoll = TimeSpan.FromSeconds(1);

    private readonly ValueOption<string?> _database = new("--coordination", "DATABASE",
        UiText.Of(
            "Share app keys and keys with other gateways over this PostgreSQL database: postgres://USER@HOST:PORT/DATABASE. With --sink "
                + "amqp://… the gateway is an ingest: it registers what the cluster places on it. With --upstream amqp://… it is an "
                + $"edge: it asks for what its consumers want. [{AddressVariable}]",
            "이 PostgreSQL 데이터베이스로 앱키와 키를 다른 게이트웨이와 나눔: postgres://USER@HOST:PORT/DATABASE. --sink amqp://…와 쓰면 수집 게이트웨이로서 클러스터가 맡긴 키를 "
                + $"등록하고, --upstream amqp://…와 쓰면 엣지로서 소비자가 원하는 키를 요청합니다. [{AddressVariable}]"))
    { Arity = ArgumentArity.ZeroOrOne };

    private readonly DatabaseOptions _options = new("--coordination-", AddressVariable, ClusterDatabase.DefaultSchema);

    private readonly ChoiceOption<ClusterEnvironment> _environment = new(
        "--coordination-env",
        UiText.Of(
            "For an edge: the service whose keys its consumers want. An ingest has that of its session.",
            "엣지: 소비자가 원하는 키의 서비스. 수집 게이트웨이는 자기 세션의 서비스를 씁니다."),
        ClusterEnvironment.Prod);

    private readonly ChoiceOption<StoreOutagePolicy> _outage = new(
        "--coordination-outage",
        UiText.Of(
            "What an ingest does while the database does not answer: give its sessions up before its leases end; or keep them, so that "
                + "the broker is the only guard against two sessions of one app key.",
            "데이터베이스가 응답하지 않는 동안 수집 게이트웨이가 할 일: 앱키의 보유 기한이 끝나기 전에 세션을 닫거나(stand-down), 그대로 유지(keep-session). 유지하면 앱키 하나에 세션이 둘 생기는 것을 막는 "
                + "것은 증권사뿐입니다."),
        StoreOutagePolicy.StandDown,
        policy => policy == StoreOutagePolicy.StandDown ? "stand-down" : "keep-session");

    private readonly Option<TimeSpan?> _leaseTtl = CommonOptions.Duration(
        "--lease-ttl", UiText.Of(
            "How long the lease of an app key lasts, the same for all ingests; another takes over after this time. [3s]",
            "앱키의 보유 기한. 모든 수집 게이트웨이가 같아야 하며, 지나면 다른 게이트웨이가 이어받습니다. [3s]"));
    private readonly ValueOption<string?> _node = new("--node", "NAME",
        UiText.Of("The name of this gateway in the cluster. [the name of the machine]", "클러스터에서 이 게이트웨이의 이름. [컴퓨터 이름]"));

    public Option[] Main => [_database, _node];

    public Option[] Details => [.. _options.All, _environment, _outage, _leaseTtl];

    public void Validate(Command command, Option upstream, Option sink)
    {
        command.Require([_environment, _outage, _leaseTtl, _node], [_database]);
        command.Validators.Add(result =>
        {
            if (!result.IsGiven(_database))
                return;
            var isEdge = result.IsGiven(upstream);
            if (!isEdge && !(result.GetResult(sink)?.Tokens.Any(token => ClusterAddress.IsAddress(token.Value)) ?? false))
            {
                result.AddError(UiText.Of(
                    $"{_database.Name} needs {sink.Name} amqp://… for an ingest, or {upstream.Name} amqp://… for an edge.",
                    $"{_database.Name}: 수집 게이트웨이라면 {sink.Name} amqp://…, 엣지라면 {upstream.Name} amqp://… 옵션이 필요합니다."));
            }
            if (!isEdge && result.IsGiven(_environment))
            {
                result.AddError(UiText.Of(
                    $"{_environment.Name} is for an edge: an ingest has the service of its session.",
                    $"{_environment.Name}: 엣지에만 쓰는 옵션입니다. 수집 게이트웨이는 자기 세션의 서비스를 씁니다."));
            }
            if (isEdge && result.IsGiven(_outage))
            {
                result.AddError(UiText.Of(
                    $"{_outage.Name} is for an ingest: an edge has no session.",
                    $"{_outage.Name}: 수집 게이트웨이에만 쓰는 옵션입니다. 엣지에는 세션이 없습니다."));
            }
        });
    }

    /// <summary>Reads the options; <see langword="null"/> if the gateway belongs to no cluster.</summary>
    public CoordinationSettings? Read(CommandHost host, ParseResult arguments, TimeSpan grace, TimeSpan hold)
    {
        if (!arguments.IsGiven(_database))
            return null;
        var database = _options.Read(host, arguments, arguments.GetValue(_database), _database);
        var ttl = arguments.GetValue(_leaseTtl) ?? new CoordinationOptions().LeaseTtl;
        var poll = ttl / PollsInLease;
        var options = new CoordinationOptions
        {
            LeaseTtl = ttl,
            PollInterval = poll < s_longestPoll ? poll : s_longestPoll,
            EdgeTtl = ttl * EdgeLeases,
            TakeoverDelay = ttl,
            FairDelay = ttl,
            ReleaseGrace = grace,
            MinimumHold = hold,
            OnStoreOutage = _outage.Read(arguments),
        };
        try
        {
            options.Validate();
            return new CoordinationSettings
            {
                Database = new ClusterDatabase(database.ConnectionString, _options.SchemaOf(arguments), database.ReadPassword),
                Name = database.Name,
                Options = options,
                Node = AppKeyLeaseKeeper.NewNode(arguments.GetValue(_node) ?? System.Environment.MachineName),
                Environment = _environment.Read(arguments) switch
                {
                    ClusterEnvironment.Mock => KisEnvironment.Mock,
                    ClusterEnvironment.Simulator => KisEnvironment.Simulator,
                    _ => KisEnvironment.Production,
                },
            };
        }
        catch (ArgumentException e)
        {
            throw new CommandException(
                e.ParamName == nameof(CoordinationOptions.LeaseTtl) ? UiText.Of(
                    $"{_leaseTtl.Name} must be from 100ms to 10m",
                    $"{_leaseTtl.Name}: 100ms~10m이어야 합니다") : e.Message, e);
        }
    }
}

/// <summary>How a gateway belongs to a cluster.</summary>
internal sealed record CoordinationSettings
{
    public required ClusterDatabase Database { get; init; }

    /// <summary>The database and its host, for messages.</summary>
    public required string Name { get; init; }

    public required CoordinationOptions Options { get; init; }

    /// <summary>The name of this process, unique for each start.</summary>
    public required string Node { get; init; }

    /// <summary>For an edge: the service whose keys are wanted.</summary>
    public required KisEnvironment Environment { get; init; }
}

/// <summary>The services of a cluster, as named on the command line.</summary>
internal enum ClusterEnvironment
{
    /// <summary>The production service (실전투자).</summary>
    Prod,

    /// <summary>The mock service (모의투자).</summary>
    Mock,

    /// <summary>A simulator.</summary>
    Simulator,
}
