using System.CommandLine;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Gateway;
using KisFeed.Hosting;
using KisFeed.Replay;
using KisFeed.Simulator;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Gateways;

/// <summary>Where a gateway's data are to come from, as the command line and the configuration say.</summary>
internal sealed class UpstreamSelection
{
    private readonly Option<bool> _live = new("--live") { Description = "The broker's service or nothing: end with an error where there are no credentials, instead of simulating." };
    private readonly Option<bool> _simulate = new("--simulate") { Description = "A made-up market, without an account. So it is too where no credentials are found." };
    private readonly Option<double> _rate = SimulatorOption.Rate("--simulate: market events a second, over everything that is registered; max for as many as the machine manages.");
    private readonly Option<int> _seed = new("--seed") { Description = "--simulate: what the market is made from.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> _replay = new("--replay") { Description = "What was recorded: files of a capture, or folders of them.", HelpName = "FILE|DIR", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double> _speed = ReplaySpeedOption.Create();
    private readonly Option<bool> _loop = new("--loop") { Description = "--replay: begin again at the end. --simulate --rate max: go on with the next day when one is over, as it does at any other rate." };

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        _speed.Description = "--replay: how many times as fast as the frames were received they are sent; max for as fast as the gateway takes them.";
        command.Add(_live);
        command.Add(_simulate);
        command.Add(_rate);
        command.Add(_seed);
        command.Add(_replay);
        command.Add(_speed);
        command.Add(_loop);
        command.Validators.Add(result =>
        {
            Option[] given = [.. new Option[] { _live, _simulate, _replay }.Where(o => result.GetResult(o) is { Implicit: false })];
            if (given.Length > 1)
                result.AddError($"{given[0].Name} and {given[1].Name} exclude each other: a gateway has one upstream.");
            var isReplay = result.GetResult(_replay) is { Implicit: false };
            if (result.GetResult(_speed) is { Implicit: false } && !isReplay)
                result.AddError($"{_speed.Name} is for --replay.");
            if (result.GetResult(_loop) is { Implicit: false } && !isReplay && !result.GetValue(_simulate))
                result.AddError($"{_loop.Name} is for --replay and --simulate.");
        });
    }

    /// <summary>What it is to be.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="configuration">What is configured for the broker.</param>
    /// <param name="asksForService">Whether something else on the command line is about the broker's service.</param>
    /// <exception cref="CommandException">The service is asked for, and there are no credentials for it.</exception>
    public UpstreamKind Decide(ParseResult arguments, KisFeedConfiguration configuration, bool asksForService)
    {
        if (arguments.GetResult(_replay) is { Implicit: false })
            return UpstreamKind.Replay;
        if (arguments.GetValue(_simulate))
            return UpstreamKind.Simulator;
        if (configuration.Problem is null)
            return UpstreamKind.Service;
        return arguments.GetValue(_live) || asksForService || configuration.Options is not { AppKey: "", AppSecret: "" }
            ? throw new CommandException($"{configuration.Problem} Without an account: 'kisfeed gateway --simulate'.")
            : UpstreamKind.Simulator;
    }

    /// <summary>Starts what stands in for the service.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="kind">What it is to be.</param>
    /// <param name="options">Where the gateway's client logs, its clock and its layouts.</param>
    /// <param name="warnings">Where the simulator logs. The gateway already logs what becomes of registrations, so warnings are enough.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public async Task<LocalUpstream> StartAsync(ParseResult arguments, UpstreamKind kind, KisFeedOptions options, ILoggerFactory warnings, CancellationToken cancellationToken)
    {
        if (kind == UpstreamKind.Simulator)
        {
            var rate = arguments.GetValue(_rate);
            var market = new SimulatorOptions
            {
                Rate = rate,
                Loop = arguments.GetValue(_loop) || double.IsFinite(rate), // At max a day takes a minute: a recording would hold it many times.
                Seed = arguments.GetValue(_seed),
                TimeProvider = options.TimeProvider,
                LoggerFactory = warnings,
            };
            return await LocalUpstream.SimulateAsync(market, options, cancellationToken);
        }

        CaptureReader capture;
        try
        {
            capture = CaptureReader.Open(arguments.GetRequiredValue(_replay));
        }
        catch (CaptureException e)
        {
            throw new CommandException(e.Message, e);
        }

        var replay = new ReplayOptions { Capture = capture, Speed = arguments.GetValue(_speed), Loop = arguments.GetValue(_loop), TimeProvider = options.TimeProvider };
        return await LocalUpstream.ReplayAsync(replay, options, cancellationToken);
    }
}

/// <summary>Where a gateway's data come from.</summary>
internal enum UpstreamKind
{
    /// <summary>The broker's service.</summary>
    Service,

    /// <summary>A made-up market.</summary>
    Simulator,

    /// <summary>A capture.</summary>
    Replay,
}

/// <summary>A service within this process that stands in for the broker's: on this machine alone, at a port of its own, with credentials that nobody else has.</summary>
internal sealed class LocalUpstream : IAsyncDisposable
{
    // The broker rations its sessions; what is made up or recorded nobody has to share. Each client of the gateway still has its 41.
    private const int Places = 1_000;

    private const int AnyPort = 0;

    private readonly IAsyncDisposable _server;

    private LocalUpstream(IAsyncDisposable server, KisFeedOptions options)
    {
        _server = server;
        Options = options;
    }

    /// <summary>What a client needs to connect to it.</summary>
    public KisFeedOptions Options { get; }

    /// <summary>A made-up market.</summary>
    /// <param name="options">The market.</param>
    /// <param name="client">Where the client logs, its clock and its layouts.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <param name="places">Registrations that it takes.</param>
    public static async Task<LocalUpstream> SimulateAsync(SimulatorOptions options, KisFeedOptions client, CancellationToken cancellationToken, int places = Places)
    {
        var credentials = ConsumerCredentials.Create();
        var own = options with { Port = AnyPort, MaxRegistrations = places, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => SimulatorServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(server, Connecting(client, credentials, server.WebSocketUrl) with { HtsId = DemoTargets.HtsId, MaxRegistrations = places });
    }

    /// <summary>What was recorded.</summary>
    /// <param name="options">The capture and its pace.</param>
    /// <param name="client">Where the client logs, its clock and its layouts.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<LocalUpstream> ReplayAsync(ReplayOptions options, KisFeedOptions client, CancellationToken cancellationToken)
    {
        var credentials = ConsumerCredentials.Create();
        var own = options with { Port = AnyPort, MaxRegistrations = Places, AppKey = credentials.AppKey, AppSecret = credentials.AppSecret };
        var server = await ServerStart.RunAsync(() => ReplayServer.StartAsync(own, cancellationToken), AnyPort, own.Address);
        return new LocalUpstream(server, Connecting(client, credentials, server.WebSocketUrl));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Nothing of what is configured for the broker goes there.
    private static KisFeedOptions Connecting(KisFeedOptions options, ConsumerCredentials credentials, Uri url) => new()
    {
        AppKey = credentials.AppKey,
        AppSecret = credentials.AppSecret,
        WebSocketUrl = url,
        Environment = KisEnvironment.Simulator,
        RequestInterval = TimeSpan.Zero,
        MaxRegistrations = Places,
        Layouts = options.Layouts,
        LoggerFactory = options.LoggerFactory,
        TimeProvider = options.TimeProvider,
    };
}
