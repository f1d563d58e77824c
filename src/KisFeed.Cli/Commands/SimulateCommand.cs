using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Simulator;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed simulate</c>: a server that speaks the broker's protocol, on this machine.</summary>
internal sealed class SimulateCommand : KisFeedCommand
{
    private readonly Option<int> _port = ListenOptions.Port("The TCP port of both WebSocket and REST; 0 takes a free one.");
    private readonly Option<string> _address = ListenOptions.Address("--address", "The IP address to listen at. The protocol is not encrypted: leave it on this machine unless the network is trusted.");
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly Option<double> _rate = SimulatorOption.Rate("Events in a second of market time, over everything that clients are registered for; max for as many as the machine manages.");
    private readonly Option<double> _speed = SimulatorOption.Speed();
    private readonly Option<bool> _loop = new("--loop") { Description = "Go on with the next trading day when one is over. Default: no more data come after 15:30 market time." };
    private readonly Option<int> _seed = new("--seed") { Description = "What the market is made from: the same seed, the same market.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<TimeOnly?> _start;
    private readonly Option<SimulatorFaults> _faults = SimulatorOption.Faults();
    private readonly StrictnessOptions _strictness = new();
    private readonly Option<bool> _admin = new("--admin") { Description = "Show and set faults, and cut connections, over HTTP while it runs: /admin/faults, /admin/drop, /admin/silence, for this machine alone." };
    private readonly Option<string?> _appKey = new("--appkey") { Description = "The only app key that is valid. Default: any of plausible form.", HelpName = "KEY" };
    private readonly Option<string?> _appSecret = new("--appsecret") { Description = "The only app secret that is valid. Default: any of plausible form.", HelpName = "SECRET" };
    private readonly Option<string?> _htsId = new("--htsid") { Description = "The only HTS ID that has an account. Default: any has.", HelpName = "ID" };
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time. Default: when it is interrupted.");
    private readonly Option<string> _format = CommonOptions.Choice("--format", "What to print at the start: a guide, or one line of JSON for scripts.", GuideFormat.Text);
    private readonly Option<string> _log = CommonOptions.Log(LogLevel.Information);

    public SimulateCommand(CommandHost host)
        : base(host, "simulate", "Serve a made-up market in the broker's own protocol, so that any client in any language runs without an account.")
    {
        _start = SimulatorOption.Start(host.Time);
        Add(_port);
        Add(_address);
        Add(_origins);
        Add(_rate);
        Add(_speed);
        Add(_loop);
        Add(_seed);
        Add(_start);
        Add(_appKey);
        Add(_appSecret);
        Add(_htsId);
        Add(_faults);
        _strictness.AddTo(this);
        Add(_admin);
        Add(_duration);
        Add(_format);
        Add(_log);
        Validators.Add(result =>
        {
            if (result.GetResult(_speed) is { Implicit: false } && double.IsInfinity(result.GetValue(_rate)))
                result.AddError("--speed is for a --rate that is a number: at max the market already goes as fast as it can.");
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed simulate", "at the broker's own port, on this machine"),
        ("kisfeed simulate --port 0 --format json --duration 5m", "for a script: prints the port that it took"),
        ("kisfeed simulate --speed 60", "a trading day in six and a half minutes"),
        ("kisfeed simulate --rate max --seed 7", "a day as fast as the machine goes; with --loop, day after day"),
        ("kisfeed simulate --fault drop-after=200 --fault split-frames", "cut each connection after 200 frames, and send each message in fragments"),
        ("kisfeed simulate --lenient", "for a client that answers no heartbeats, or whose WebSocket library sends pongs"),
        ("kisfeed simulate --start now --admin", "one that can be killed and started again, and told over HTTP what to do wrong"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = new HostLog(Host, arguments.GetChoice<LogLevel>(_log));
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
            AppKey = arguments.GetValue(_appKey),
            AppSecret = arguments.GetValue(_appSecret),
            HtsId = arguments.GetValue(_htsId),
            TimeProvider = Host.Time,
            LoggerFactory = log,
        });
        await using var server = await StartAsync(options, cancellationToken);
        try
        {
            await AnnounceAsync(server, options, arguments.GetChoice<GuideFormat>(_format), cancellationToken);
            await Task.Delay(arguments.GetValue(_duration) ?? Timeout.InfiniteTimeSpan, Host.Time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The ordinary end of a server, from the moment it listens.
        }

        return ExitCode.Success;
    }

    private static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ServerStart.RunAsync(() => SimulatorServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CommandException(e.Message, e);
        }
    }

    private async Task AnnounceAsync(SimulatorServer server, SimulatorOptions options, GuideFormat format, CancellationToken cancellationToken)
    {
        if (format == GuideFormat.Text)
        {
            await using var output = Host.OpenText();
            SimulatorGuide.Write(output, server, options);
            return;
        }

        using var lines = new JsonLines(Host.Output);
        var json = lines.Begin();
        AddressJson.WriteMembers(json, server.RestUrl, server.WebSocketUrl);
        if (options.Admin)
            json.WriteString("admin"u8, new Uri(server.RestUrl, SimulatorServer.AdminPath).AbsoluteUri);
        lines.End();
        await lines.FlushAsync(cancellationToken);
    }
}
