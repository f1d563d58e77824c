using KisFeed.Capture;
using KisFeed.Cli.Gateways;
using KisFeed.Cli.Recording;
using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using KisFeed.Gateway;
using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Cli.Commands;

/// <summary>
/// <c>kisfeed demo</c>: a simulator, a gateway with recorder and dashboard, and a client, in one process and
/// over real sockets, without any setup.
/// </summary>
internal sealed class DemoCommand : KisFeedCommand
{
    private const int Slots = 41; // The broker's limit, so that the dashboard looks as it does with the broker.

    private static readonly WatchTarget[] s_targets = [.. DemoTargets.Targets, DemoTargets.Notices];

    private readonly Option<int> _port = ListenOptions.Port(
        "The TCP port of the gateway and its dashboard; 0 uses a free port. If the default port is in use, a free port is used.");
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(preset: 7);
    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        "Market events per second, over all feeds; max for as fast as possible.");
    private readonly ValueOption<string?> _record = new("--record", "DIR",
        "Record into this folder and keep it. [a temporary folder, removed at the end]");
    private readonly Option<SimulatorFaults> _faults = SimulatorCommandOptions.Faults();
    private readonly SwitchOption _plain = new("--plain",
        "One line per tick instead of a live table. Always so if output is not a terminal.");
    private readonly ChoiceOption<MarketColors> _colors = CommonOptions.Colors();

    public DemoCommand(CommandHost host)
        : base(host, "demo", "Show stock prices, a book and more without any setup, here and in a browser: a simulator, a gateway "
            + "with recorder and dashboard, and a client, over real sockets.")
    {
        this.AddAll(_port, _duration, _seed, _rate, _record, _faults, _plain, _colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed demo", "a live table until Ctrl-C, and the address of the dashboard"),
        ("kisfeed demo --duration 10s --plain", "ten seconds of ticks, one line each"),
        ("kisfeed demo --rate 1000 --seed 42", "another market, a busy one"),
        ("kisfeed demo --fault drop-after=1000", "a connection that is cut after every 1,000 frames: shows gaps in the charts"),
        ("kisfeed demo --record capture", "keep the recording, for 'kisfeed inspect', 'replay', 'export' and 'bars'"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var market = await LocalUpstream.SimulateAsync(
            MarketOf(arguments), new KisFeedOptions { TimeProvider = Host.Time, Reconnect = Host.Reconnect }, cancellationToken, Slots);
        using var folder = RecordingFolder.Open(Host, arguments.GetValue(_record));
        await using var gateway = await StartAsync(
            GatewayOf(arguments, market, folder), arguments.IsGiven(_port), cancellationToken);
        var address = $"Dashboard: {DashboardAddress.Of(gateway)}";
        Host.WriteMessage(address);
        Host.WriteMessage($"Recording: {folder.Path}{(folder.IsTemporary ? ", removed at the end; '--record DIR' keeps it" : "")}");

        try
        {
            await ShowAsync(gateway, address, folder.Path, arguments, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The normal end, once the gateway listens.
        }

        await gateway.StopAsync();
        return gateway.Status.Recording is { } end && end.Dropped + end.Lost + end.LostFiles > 0 ? ExitCode.DataLost : ExitCode.Success;
    }

    private SimulatorOptions MarketOf(ParseResult arguments) => new()
    {
        Seed = arguments.GetValue(_seed),
        Rate = arguments.GetValue(_rate),
        Loop = true, // A demo that is left open does not end.
        Faults = arguments.GetValue(_faults) ?? SimulatorFaults.None,
        HtsId = DemoTargets.HtsId,
        TimeProvider = Host.Time,
    };

    private GatewayOptions GatewayOf(ParseResult arguments, LocalUpstream market, RecordingFolder folder) => new()
    {
        Upstream = market.Options,
        Port = arguments.GetValue(_port),
        Source = DataSource.Simulation,
        Keep = DemoTargets.Keys,
        DashboardKeys = DemoTargets.Keys,
        Instruments = SimulatedInstruments.All,
        Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path }, TimeProvider = Host.Time },
        TimeProvider = Host.Time,
    };

    // A program that already listens on the default port must not stop the demo.
    private async Task<GatewayServer> StartAsync(GatewayOptions options, bool isPortAskedFor, CancellationToken cancellationToken)
    {
        try
        {
            return await ServerStart.RunAsync(() => GatewayServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        }
        catch (CommandException e) when (!isPortAskedFor && e.InnerException is IOException { InnerException: AddressInUseException })
        {
            Host.WriteMessage($"kisfeed: another program listens on port {options.Port}; using a free port");
        }

        return await ServerStart.RunAsync(
            () => GatewayServer.StartAsync(options with { Port = 0 }, cancellationToken), port: 0, options.Address);
    }

    private async Task ShowAsync(
        GatewayServer gateway, string address, string folder, ParseResult arguments, CancellationToken cancellationToken)
    {
        var credentials = ConsumerCredentials.Create();
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions
            {
                AppKey = credentials.AppKey,
                AppSecret = credentials.AppSecret,
                WebSocketUrl = gateway.WebSocketUrl,
                TimeProvider = Host.Time,
                Reconnect = Host.Reconnect,
            },
            cancellationToken);
        var isPlain = arguments.GetValue(_plain) || !Host.OutputIsTerminal;
        await using var output = TickOutputs.Text(
            new TickContext(Host, s_targets, _colors.Read(arguments)), isPlain, address);
        if (output is LiveTicks live)
        {
            live.Status =
                new LiveStatus(Host.Time, () => gateway.Status.Upstream) { Recording = () => gateway.Status.Recording, Folder = folder };
        }
        var session = new WatchSession(Host, client, s_targets, output);
        var start = Host.Time.GetTimestamp();
        await WatchAsync(
            output, session, new UpstreamStatusReporter(Host.Time, gateway, new StatusArea(Host, output)), arguments.GetValue(_duration),
            cancellationToken);
        await Host.Error.WriteLineAsync($"{session.Count:N0} records in {Host.Time.GetElapsedTime(start).TotalSeconds:N1} s from a "
            + "simulated market; 'kisfeed simulate' serves it to other programs.");
    }

    private async Task WatchAsync(
        Output<TickItem> output, WatchSession session, UpstreamStatusReporter reporter, TimeSpan? duration,
        CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reporting = reporter.RunAsync(ending.Token);
        try
        {
            await TickOutputs.RunAsync(Host, output, session, count: null, duration, cancellationToken);
        }
        finally
        {
            await ending.CancelAsync();
            await reporting;
        }
    }
}
