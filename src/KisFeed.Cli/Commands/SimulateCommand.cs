using KisFeed.Cli.Gateways;
using KisFeed.Simulator;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed simulate</c>: serves a simulated market in the broker's protocol.</summary>
internal sealed class SimulateCommand : KisFeedCommand
{
    private readonly Option<int> _port = ListenOptions.Port("The TCP port of both WebSocket and REST; 0 uses a free port.");
    private readonly Option<string> _address = ListenOptions.Address();
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        "Events per second of market time, over all registrations; max for as fast as possible.");
    private readonly Option<double> _speed = SimulatorCommandOptions.MarketSpeed();
    private readonly SwitchOption _loop = new("--loop",
        "Continue with the next trading day at the end of one. [no data after 15:30 market time]");
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(SimulatorOptions.Default.Seed);
    private readonly Option<TimeOnly?> _start;
    private readonly Option<SimulatorFaults> _faults = SimulatorCommandOptions.Faults();
    private readonly StrictnessOptions _strictness = new();
    private readonly CompatibilityOptions _compatibility = new();
    private readonly SwitchOption _admin = new("--admin",
        "Show and set faults, and cut connections, over HTTP at run time: /admin/faults, /admin/drop, /admin/silence, from this machine "
            + "only.");
    private readonly ValueOption<string?> _appKey = new("--appkey", "KEY", "The only valid app key. [any of plausible form]");
    private readonly ValueOption<string?> _appSecret = new("--appsecret", "SECRET", "The only valid app secret. [any of plausible form]");
    private readonly ValueOption<string?> _htsId = new("--htsid", "ID", "The only HTS ID with an account. [any]");
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.Information);

    public SimulateCommand(CommandHost host)
        : base(host, "simulate",
            "Serve a simulated market in the broker's protocol, so that any client in any language runs without an account.")
    {
        _start = SimulatorCommandOptions.Start(host.Time);
        this.AddAll(
            [_port, _address, _origins, _rate, _speed, _loop, _seed, _start, _appKey, _appSecret, _htsId, _faults, .. _strictness.All]);
        this.AddAll([.. _compatibility.All, _admin, _duration, _format, _log]);
        Validators.Add(result =>
        {
            if (result.IsGiven(_speed) && double.IsInfinity(result.GetValue(_rate)))
                result.AddError("--speed needs a numeric --rate: at max the market already runs as fast as possible.");
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed simulate", "on the broker's port, for this machine"),
        ("kisfeed simulate --port 0 --format json --duration 5m", "for a script: prints the port in use"),
        ("kisfeed simulate --speed 60", "a trading day in six and a half minutes"),
        ("kisfeed simulate --rate max --seed 7", "a day as fast as possible; with --loop, day after day"),
        ("kisfeed simulate --fault drop-after=200 --fault split-frames",
            "cut each connection after 200 frames, and send each message in fragments"),
        ("kisfeed simulate --lenient", "for a client that does not answer heartbeats, or whose WebSocket library sends pongs"),
        ("kisfeed simulate --start now --admin", "can be killed and restarted in the same market, and controlled over HTTP"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = new HostLog(Host, _log.Read(arguments));
        var options = _strictness.Apply(arguments, new SimulatorOptions
        {
            Port = arguments.GetValue(_port),
            Address = arguments.GetRequiredValue(_address),
            AllowedOrigins = arguments.GetValue(_origins) ?? [],
            Rate = arguments.GetValue(_rate),
            Speed = arguments.GetValue(_speed),
            Loop = arguments.GetValue(_loop),
            Seed = arguments.GetValue(_seed),
            StartAt = arguments.GetValue(_start) ?? SimulatorOptions.Default.StartAt,
            Faults = arguments.GetValue(_faults) ?? SimulatorFaults.None,
            Admin = arguments.GetValue(_admin),
            Revision = _compatibility.RevisionOf(arguments),
            AesPerRegistration = _compatibility.UsesAesPerRegistration(arguments),
            AppKey = arguments.GetValue(_appKey),
            AppSecret = arguments.GetValue(_appSecret),
            HtsId = arguments.GetValue(_htsId),
            TimeProvider = Host.Time,
            LoggerFactory = log,
        });
        await using var server = await ServerStart.RunAsync(
            () => SimulatorServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        try
        {
            var admin = options.Admin ? new Uri(server.RestUrl, SimulatorServer.AdminPath) : null;
            await _format.WriteAsync(
                Host,
                arguments,
                text => SimulatorGuide.Write(text, server, options),
                () => Announcement.LineOf(server.RestUrl, server.WebSocketUrl, admin: admin),
                cancellationToken);
            await Task.Delay(arguments.GetValue(_duration) ?? Timeout.InfiniteTimeSpan, Host.Time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The normal end of a server, once it listens.
        }

        return ExitCode.Success;
    }
}
