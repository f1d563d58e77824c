using KisFeed.Cli.Gateways;
using KisFeed.Simulator;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed simulate</c>: serves a simulated market in the broker's protocol.</summary>
internal sealed class SimulateCommand : KisFeedCommand
{
    private readonly Option<int> _port = ListenOptions.Port(UiText.Of(
        "The TCP port of both WebSocket and REST; 0 uses a free port.",
        "웹소켓과 REST의 TCP 포트. 0이면 빈 포트를 씁니다."));
    private readonly Option<string> _address = ListenOptions.Address();
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly Option<double> _rate = SimulatorCommandOptions.Rate(
        UiText.Of(
            "Events per second of market time, over all registrations; max for as fast as possible.",
            "모든 등록을 합쳐, 가상 시장의 1초당 건수. max는 가능한 한 빠르게."));
    private readonly Option<double> _speed = SimulatorCommandOptions.MarketSpeed();
    private readonly SwitchOption _loop = new("--loop",
        UiText.Of(
            "Continue with the next trading day at the end of one. [no data after 15:30 market time]",
            "하루가 끝나면 다음 거래일로 이어감. [가상 시장의 15:30부터 데이터 없음]"));
    private readonly Option<int> _seed = SimulatorCommandOptions.Seed(SimulatorOptions.Default.Seed);
    private readonly Option<TimeOnly?> _start;
    private readonly Option<SimulatorFaults> _faults = SimulatorCommandOptions.Faults();
    private readonly StrictnessOptions _strictness = new();
    private readonly CompatibilityOptions _compatibility = new();
    private readonly SwitchOption _admin = new("--admin",
        UiText.Of(
            "Show and set faults, and cut connections, over HTTP at run time: /admin/faults, /admin/drop, /admin/silence, from this "
                + "machine only.",
            "실행 중에 HTTP로 장애를 보고 바꾸거나 연결을 끊을 수 있게 함: /admin/faults, /admin/drop, /admin/silence. 이 컴퓨터에서만 됩니다."));
    private readonly ValueOption<string?> _appKey = new("--appkey", "KEY", UiText.Of(
        "The only valid app key. [any of plausible form]",
        "유효한 유일한 앱키. [형식만 맞으면 됨]"));
    private readonly ValueOption<string?> _appSecret = new("--appsecret", "SECRET", UiText.Of(
        "The only valid app secret. [any of plausible form]",
        "유효한 유일한 앱 시크릿. [형식만 맞으면 됨]"));
    private readonly ValueOption<string?> _htsId = new("--htsid", "ID", UiText.Of(
        "The only HTS ID with an account. [any]",
        "계좌가 있는 유일한 HTS ID. [모두]"));
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.Information);

    public SimulateCommand(CommandHost host)
        : base(host, "simulate",
            UiText.Of(
                "Serve a simulated market in the broker's protocol, so that any client in any language runs without an account.",
                "가상 시장을 증권사 프로토콜로 제공. 계좌 없이 어떤 언어의 클라이언트든 실행할 수 있습니다."))
    {
        _start = SimulatorCommandOptions.Start(host.Time);
        this.AddAll(
            [_port, _address, _origins, _rate, _speed, _loop, _seed, _start, _appKey, _appSecret, _htsId, _faults, .. _strictness.All]);
        this.AddAll([.. _compatibility.All, _admin, _duration, _format, _log]);
        Validators.Add(result =>
        {
            if (result.IsGiven(_speed) && double.IsInfinity(result.GetValue(_rate)))
            {
                result.AddError(UiText.Of(
                    "--speed needs a numeric --rate: at max the market already runs as fast as possible.",
                    "--speed는 --rate가 숫자일 때만 쓸 수 있습니다. max에서는 이미 가능한 한 빠르게 움직입니다."));
            }
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed simulate", UiText.Of("on the broker's port, for this machine", "증권사와 같은 포트로, 이 컴퓨터에만")),
        ("kisfeed simulate --port 0 --format json --duration 5m", UiText.Of(
            "for a script: prints the port in use",
            "스크립트용: 쓰고 있는 포트를 출력합니다")),
        ("kisfeed simulate --speed 60", UiText.Of("a trading day in six and a half minutes", "하루 장을 6분 30초에")),
        ("kisfeed simulate --rate max --seed 7", UiText.Of(
            "a day as fast as possible; with --loop, day after day",
            "하루를 가능한 한 빠르게. --loop를 더하면 날마다 이어서")),
        ("kisfeed simulate --fault drop-after=200 --fault split-frames",
            UiText.Of("cut each connection after 200 frames, and send each message in fragments", "프레임 200개마다 연결을 끊고, 메시지를 여러 조각으로 보냄")),
        ("kisfeed simulate --lenient", UiText.Of(
            "for a client that does not answer heartbeats, or whose WebSocket library sends pongs",
            "PINGPONG에 응답하지 않거나 웹소켓 라이브러리가 pong을 보내는 클라이언트용")),
        ("kisfeed simulate --start now --admin", UiText.Of(
            "can be killed and restarted in the same market, and controlled over HTTP",
            "죽였다 다시 시작해도 같은 시장이 이어지고, HTTP로 조작할 수 있음")),
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
