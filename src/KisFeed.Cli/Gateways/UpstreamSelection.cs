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
        "Use only the broker's service: without credentials, end with an error instead of simulating.");
    private readonly SwitchOption _simulate = new("--simulate",
        "Simulate a market, without an account. This is the default if no credentials are found.");
    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        "--simulate: market events per second, over all registrations; max for as fast as possible.");
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(SimulatorOptions.Default.Seed, "--simulate: the seed of the market.");
    private readonly ValueOption<string[]> _replay = new("--replay", "FILE|DIR",
        "Replay a capture: its files, or folders of them.")
    { AllowMultipleArgumentsPerToken = true };
    private readonly ValueOption<string?> _cluster = new("--upstream", "CLUSTER",
        "Read from a RabbitMQ cluster that other gateways publish to, instead of a service: amqp://USER@HOST:PORT/VHOST or amqps://…, "
            + $"several nodes separated by commas. [{ClusterOptions.AddressVariable}]")
    { Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<int?> _maxKeys = CommonOptions.Count<int>(
        "--max-keys", $"--upstream: the maximum number of keys that all consumers want at once. [{ClusterUpstream.DefaultMaxKeys}]");
    private readonly Option<double> _speed = SimulatorCommandOptions.ReplaySpeed(
        "--replay: the speed, as a multiple of the original; max for as fast as the gateway accepts frames.");

    private readonly SwitchOption _loop = new("--loop",
        "--replay: start again at the end. --simulate --rate max: continue with the next day at the end of one, as at any other rate.");

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
                result.AddError($"{given[0].Name} and {given[1].Name} cannot be used together: a gateway has one upstream.");
            if (result.IsGiven(_loop) && !result.IsGiven(_replay) && !result.GetValue(_simulate))
                result.AddError($"{_loop.Name} needs --replay or --simulate.");
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
                throw new CommandException($"{_cluster.Name} reads from a cluster, which needs no service and no app "
                    + $"key: leave out {_cluster.Name}, or the options that name a service. For another gateway use "
                    + "--url, for a capture --replay.");
            }
            return UpstreamKind.Cluster;
        }

        if (arguments.GetValue(_simulate))
            return UpstreamKind.Simulator;
        if (configuration.Problem is null)
            return UpstreamKind.Service;
        return arguments.GetValue(_live) || asksForService || configuration.Options is not { AppKey: "", AppSecret: "" }
            ? throw new CommandException($"{configuration.Problem} Without an account: 'kisfeed gateway --simulate'.")
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
