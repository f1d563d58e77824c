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
        UiText.Of(
            "The TCP port of the gateway and its dashboard; 0 uses a free port. If the default port is in use, a free port is used.",
            "게이트웨이와 대시보드의 TCP 포트. 0이면 빈 포트를 씁니다. 기본 포트를 다른 프로그램이 쓰고 있어도 빈 포트를 씁니다."));
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(preset: 7);
    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        UiText.Of("Market events per second, over all feeds; max for as fast as possible.", "모든 피드를 합친 초당 건수. max는 가능한 한 빠르게."));
    private readonly ValueOption<string?> _record = new("--record", "DIR",
        UiText.Of("Record into this folder and keep it. [a temporary folder, removed at the end]", "이 폴더에 기록하고 남겨 둠. [임시 폴더, 끝나면 삭제]"));
    private readonly Option<SimulatorFaults> _faults = SimulatorCommandOptions.Faults();
    private readonly SwitchOption _plain = new("--plain",
        UiText.Of(
            "One line per tick instead of a live table. Always so if output is not a terminal.",
            "실시간 표 대신 한 건에 한 줄씩. 출력이 터미널이 아니면 늘 이렇게 합니다."));
    private readonly ChoiceOption<MarketColors> _colors = CommonOptions.Colors();

    public DemoCommand(CommandHost host)
        : base(host, "demo", UiText.Of(
            "Show stock prices, a book and more without any setup, here and in a browser: a simulator, a gateway with recorder and "
                + "dashboard, and a client, over real sockets.",
            "아무 설정 없이 주식 시세와 호가 등을 터미널과 브라우저에서 보기: 시뮬레이터, 기록과 대시보드가 있는 게이트웨이, 클라이언트를 실제 소켓으로 연결합니다."))
    {
        this.AddAll(_port, _duration, _seed, _rate, _record, _faults, _plain, _colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed demo", UiText.Of("a live table until Ctrl-C, and the address of the dashboard", "Ctrl-C까지 실시간 표, 그리고 대시보드 주소")),
        ("kisfeed demo --duration 10s --plain", UiText.Of("ten seconds of ticks, one line each", "10초 동안, 한 건에 한 줄씩")),
        ("kisfeed demo --rate 1000 --seed 42", UiText.Of("another market, a busy one", "다른 시장, 더 바쁘게")),
        ("kisfeed demo --fault drop-after=1000", UiText.Of(
            "a connection that is cut after every 1,000 frames: shows gaps in the charts",
            "프레임 1,000개마다 끊기는 연결: 차트에 누락 구간이 보입니다")),
        ("kisfeed demo --record capture", UiText.Of(
            "keep the recording, for 'kisfeed inspect', 'replay', 'export' and 'bars'",
            "기록을 남겨 'kisfeed inspect', 'replay', 'export', 'bars'에 씁니다")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var market = await LocalUpstream.SimulateAsync(
            MarketOf(arguments), new KisFeedOptions { TimeProvider = Host.Time, Reconnect = Host.Reconnect }, cancellationToken, Slots);
        using var folder = RecordingFolder.Open(Host, arguments.GetValue(_record));
        await using var gateway = await StartAsync(
            GatewayOf(arguments, market, folder), arguments.IsGiven(_port), cancellationToken);
        var address = UiText.Of($"Dashboard: {DashboardAddress.Of(gateway)}", $"대시보드: {DashboardAddress.Of(gateway)}");
        Host.WriteMessage(address);
        Host.WriteMessage(UiText.Of(
            $"Recording: {folder.Path}{(folder.IsTemporary ? ", removed at the end; '--record DIR' keeps it" : "")}",
            $"기록: {folder.Path}{(folder.IsTemporary ? " (끝나면 삭제. 남기려면 '--record DIR')" : "")}"));

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
            Host.WriteMessage(UiText.Of(
                $"kisfeed: another program listens on port {options.Port}; using a free port",
                $"kisfeed: 다른 프로그램이 {options.Port} 포트를 쓰고 있어 빈 포트를 씁니다"));
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
            new TickContext(Host, s_targets, new InstrumentNames(SimulatedInstruments.All), _colors.Read(arguments)), isPlain, address);
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
        await Host.Error.WriteLineAsync(UiText.Of(
            $"{session.Count:N0} records in {Host.Time.GetElapsedTime(start).TotalSeconds:N1} s from a simulated market; 'kisfeed "
                + "simulate' serves it to other programs.",
            $"가상 시장에서 {Host.Time.GetElapsedTime(start).TotalSeconds:N1}초 동안 레코드 {session.Count:N0}건. 다른 프로그램에서 쓰려면 'kisfeed simulate'를 "
                + "실행하세요."));
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
