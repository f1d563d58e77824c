using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Clusters;
using KisFeed.Hosting;
using KisFeed.Simulator;
using KisFeed.Simulator.Replay;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Gateways;

/// <summary>Selects the source of a gateway's data from the command line and the configuration.</summary>
internal sealed class UpstreamSelection(ClusterOptions clusterOptions)
{
    private readonly SwitchOption _live = new("--live",
        UiText.Of(
            "Use only the broker's service: without credentials, end with an error instead of simulating.",
            "증권사 서비스만 사용: 앱키가 없으면 가상 시장 대신 오류로 끝냅니다."));
    private readonly SwitchOption _simulate = new("--simulate",
        UiText.Of(
            "Simulate a market, without an account. This is the default if no credentials are found.",
            "계좌 없이 가상 시장 제공. 앱키를 찾지 못하면 기본으로 이렇게 합니다."));
    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        UiText.Of(
            "--simulate: market events per second, over all registrations; max for as fast as possible.",
            "--simulate: 모든 등록을 합친 초당 건수. max는 가능한 한 빠르게."));
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(SimulatorOptions.Default.Seed, UiText.Of(
        "--simulate: the seed of the market.",
        "--simulate: 가상 시장의 시드."));
    private readonly ValueOption<string[]> _replay = new("--replay", "FILE|DIR",
        UiText.Of("Replay a capture: its files, or folders of them.", "기록 재생: 기록 파일, 또는 기록 파일이 있는 폴더."))
    { AllowMultipleArgumentsPerToken = true };
    private readonly ValueOption<string?> _cluster = new("--upstream", "CLUSTER",
        UiText.Of(
            "Read from a RabbitMQ cluster that other gateways publish to, instead of a service: amqp://USER@HOST:PORT/VHOST or "
                + $"amqps://…, several nodes separated by commas. [{ClusterOptions.AddressVariable}]",
            "서비스 대신, 다른 게이트웨이들이 RabbitMQ 클러스터에 올린 데이터를 읽음: amqp://USER@HOST:PORT/VHOST나 amqps://…, 노드가 여럿이면 쉼표로 구분. "
                + $"[{ClusterOptions.AddressVariable}]"))
    { Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<int?> _maxKeys = CommonOptions.Count<int>(
        "--max-keys", UiText.Of(
            $"--upstream: the maximum number of keys that all consumers want at once. [{ClusterUpstream.DefaultMaxKeys}]",
            $"--upstream: 모든 소비자가 한꺼번에 원할 수 있는 최대 키 수. [{ClusterUpstream.DefaultMaxKeys}]"));
    private readonly Option<double> _speed = SimulatorCommandOptions.ReplaySpeed(
        UiText.Of(
            "--replay: the speed, as a multiple of the original; max for as fast as the gateway accepts frames.",
            "--replay: 원래 속도의 배수. max는 게이트웨이가 받을 수 있는 한 빠르게."));

    private readonly SwitchOption _loop = new("--loop",
        UiText.Of(
            "--replay: start again at the end. --simulate --rate max: continue with the next day at the end of one, as at any other rate.",
            "--replay: 끝나면 처음부터 다시. --simulate --rate max: 다른 속도에서처럼 하루가 끝나면 다음 날로 이어 감."));

    public Option Cluster => _cluster;

    public Option[] All => [_live, _simulate, _rate, _seed, _replay, _speed, _loop, _cluster, _maxKeys];

    public void Validate(Command command)
    {
        command.Require([_speed], [_replay]);
        command.Require([_maxKeys], [_cluster]);
        command.Validators.Add(result =>
        {
            Option[] given = [.. new Option[] { _live, _simulate, _replay, _cluster }.Where(result.IsGiven)];
            if (given.Length > 1)
            {
                result.AddError(UiText.Of(
                    $"{given[0].Name} and {given[1].Name} cannot be used together: a gateway has one upstream.",
                    $"{given[0].Name}, {given[1].Name}: 함께 쓸 수 없습니다. 게이트웨이의 데이터 소스는 하나입니다."));
            }
            if (result.IsGiven(_loop) && !result.IsGiven(_replay) && !result.GetValue(_simulate))
                result.AddError(UiText.Of($"{_loop.Name} needs --replay or --simulate.", $"{_loop.Name}: --replay나 --simulate가 필요합니다."));
        });
    }

    public UpstreamKind Decide(ParseResult arguments, KisFeedConfiguration configuration, bool asksForService, bool isAddressed)
    {
        if (arguments.IsGiven(_replay))
            return UpstreamKind.Replay;
        if (arguments.IsGiven(_cluster))
        {
            if (isAddressed)
            {
                throw new CommandException(UiText.Of(
                    $"{_cluster.Name} reads from a cluster, which needs no service and no app key: leave out {_cluster.Name}, or the "
                        + "options that name a service. For another gateway use --url, for a capture --replay.",
                    $"{_cluster.Name}: 클러스터에서 읽으므로 서비스도 앱키도 필요 없습니다. {_cluster.Name} 옵션이나 서비스를 지정하는 옵션 가운데 하나를 빼세요. 다른 게이트웨이는 --url, 기록은 "
                        + "--replay를 쓰세요."));
            }
            return UpstreamKind.Cluster;
        }

        if (arguments.GetValue(_simulate))
            return UpstreamKind.Simulator;
        if (configuration.Problem is null)
            return UpstreamKind.Service;
        return arguments.GetValue(_live) || asksForService || configuration.Options is not { AppKey: "", AppSecret: "" }
            ? throw new CommandException(UiText.Of(
                $"{configuration.Problem} Without an account: 'kisfeed gateway --simulate'.",
                $"{LibraryText.Of(configuration.Problem)} 계좌가 없으면 'kisfeed gateway --simulate'를 쓰세요."))
            : UpstreamKind.Simulator;
    }

    public ClusterUpstream ReadCluster(CommandHost host, ParseResult arguments, KisFeedOptions options, EdgeMembership? edge)
    {
        var cluster = clusterOptions.Read(host, arguments, arguments.GetValue(_cluster), options.LoggerFactory, _cluster);
        return new ClusterUpstream(cluster, arguments.GetValue(_maxKeys) ?? ClusterUpstream.DefaultMaxKeys, options, edge);
    }

    public async Task<LocalUpstream> StartAsync(
        CommandHost host, ParseResult arguments, UpstreamKind kind, KisFeedOptions options, ILoggerFactory warnings,
        CancellationToken cancellationToken)
    {
        if (kind == UpstreamKind.Simulator)
        {
            var rate = arguments.GetValue(_rate);
            var market = new SimulatorOptions
            {
                Rate = rate,
                // At max a day takes a minute, and a recording would hold it many times.
                Loop = arguments.GetValue(_loop) || double.IsFinite(rate),
                Seed = arguments.GetValue(_seed),
                TimeProvider = options.TimeProvider,
                LoggerFactory = warnings,
            };
            return await LocalUpstream.SimulateAsync(market, options, cancellationToken);
        }

        var capture = ReadReport.WriteSkipped(host, CaptureReader.Open(arguments.GetRequiredValue(_replay), null, cancellationToken));
        var replay = new ReplayOptions
        {
            Capture = capture,
            Speed = arguments.GetValue(_speed),
            Loop = arguments.GetValue(_loop),
            TimeProvider = options.TimeProvider,
        };
        return await LocalUpstream.ReplayAsync(replay, options, cancellationToken);
    }
}

/// <summary>The source of a gateway's data.</summary>
internal enum UpstreamKind
{
    Service,
    Simulator,
    Replay,
    Cluster,
}
