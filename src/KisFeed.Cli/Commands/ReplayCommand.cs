using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Replaying;
using KisFeed.Simulator.Replay;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed replay</c>: serves a capture in the broker's protocol, or writes its frames as lines.</summary>
internal sealed class ReplayCommand : KisFeedCommand
{
    private readonly Argument<string[]> _paths =
        new("FILE|DIR")
        {
            Description = UiText.Of(
            "Capture files and folders of them, merged by time.",
            "기록 파일, 또는 기록 파일이 있는 폴더. 여럿이면 시간순으로 합칩니다."),
            Arity = ArgumentArity.OneOrMore
        };
    private readonly Option<double> _speed = SimulatorCommandOptions.ReplaySpeed(
        UiText.Of(
            "The speed, as a multiple of the original; max for as fast as the slowest client accepts frames.",
            "원래 속도의 배수. max는 가장 느린 클라이언트가 받을 수 있는 한 빠르게."));

    private readonly Option<CaptureTime?> _from = CaptureTimeOption.Create(
        "--from", UiText.Of(
            "Skip frames received before this: a time of day in Korea, such as 09:00, or 2026-11-20T09:00.",
            "이 시각보다 먼저 받은 프레임은 건너뜀. 한국 시각 09:00, 또는 2026-11-20T09:00."));
    private readonly Option<CaptureTime?> _to = CaptureTimeOption.Create("--to", UiText.Of(
        "Skip frames received at this time or later.",
        "이 시각부터 받은 프레임은 건너뜀."));
    private readonly Option<int> _port = ListenOptions.Port(UiText.Of(
        "The TCP port of both WebSocket and REST; 0 uses a free port.",
        "웹소켓과 REST의 TCP 포트. 0이면 빈 포트를 씁니다."));
    private readonly Option<string> _address = ListenOptions.Address();
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly SwitchOption _loop = new("--loop", UiText.Of("Start again at the end.", "끝나면 처음부터 다시."));
    private readonly SwitchOption _once = new("--once",
        UiText.Of(
            "End when the shared clock has reached the end of the capture and clients have read everything.",
            "재생이 기록의 끝에 이르고 클라이언트가 모두 읽으면 종료."));
    private readonly Option<int?> _wait = ParsedOption.Create<int>(
        "--wait",
        "N",
        UiText.Of(
            "Start when there are N registrations. [one second after the last of the first registrations]",
            "등록이 N건이 되면 시작. [첫 등록들이 끝나고 1초 뒤]"),
        ParsedOption.TryParseCount,
        text => UiText.Of($"'{text}' is not a valid number of registrations. Use 1 or more.", $"'{text}': 올바른 등록 수가 아닙니다. 1 이상을 쓰세요."));

    private readonly SwitchOption _stdout = new("--stdout", UiText.Of(
        "Write the frames, one per line, instead of serving them.",
        "제공하지 않고 프레임을 한 줄에 하나씩 출력."));
    private readonly ValueOption<string?> _appKey = new("--appkey", "KEY", UiText.Of(
        "The only valid app key. [any of plausible form]",
        "유효한 유일한 앱키. [형식만 맞으면 됨]"));
    private readonly ValueOption<string?> _appSecret = new("--appsecret", "SECRET", UiText.Of(
        "The only valid app secret. [any of plausible form]",
        "유효한 유일한 앱 시크릿. [형식만 맞으면 됨]"));
    private readonly CompatibilityOptions _compatibility = new();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.Information);

    public ReplayCommand(CommandHost host)
        : base(host, "replay",
            UiText.Of(
                "Replay a capture in the broker's protocol, with the original time between frames, to any client in any language.",
                "기록을 프레임 사이의 원래 간격대로 증권사 프로토콜로 재생. 어떤 언어의 클라이언트든 받을 수 있습니다."))
    {
        _paths.RefuseOptions();
        Option[] serving = [_port, _address, _origins, _loop, _once, _wait, _appKey, _appSecret, .. _compatibility.All];
        this.AddAll([_paths, _speed, _from, _to, _stdout, .. serving, _format, _log]);
        this.Exclude(_loop, _once, UiText.Of(": a replay that starts again has no end", ": 처음부터 다시 재생하면 끝이 없습니다"));
        Validators.Add(result =>
        {
            foreach (var option in serving.Where(option => result.GetValue(_stdout) && result.IsGiven(option)))
            {
                result.AddError(UiText.Of(
                    $"{option.Name} cannot be used with --stdout, which serves nothing.",
                    $"{option.Name}: --stdout은 아무것도 제공하지 않으므로 함께 쓸 수 없습니다."));
            }
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed replay capture/2026-11-20", UiText.Of(
            "a day at original speed, on the broker's port, for this machine",
            "하루를 원래 속도로, 증권사와 같은 포트에서, 이 컴퓨터에만")),
        ("kisfeed replay capture/2026-11-20 --speed 10 --from 09:00 --to 10:30", UiText.Of(
            "an hour and a half in nine minutes",
            "한 시간 반을 9분에")),
        ("kisfeed replay capture --port 0 --format json --speed max --wait 3 --once",
            UiText.Of("for a test: starts with the third registration, ends with the capture", "시험용: 세 번째 등록에서 시작하고 기록이 끝나면 종료")),
        ("kisfeed replay capture --stdout --speed max | kisfeed decode", UiText.Of("without a server", "서버 없이")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "--stdout: parts of the capture could not be read or written; the rest was written",
            "--stdout: 기록 일부를 읽거나 쓰지 못함. 나머지는 출력했음")),
        (ExitCode.Interrupted, UiText.Of("--once or --stdout: interrupted before the end", "--once, --stdout: 끝나기 전에 중단됨")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var capture = Open(arguments, cancellationToken);
        if (arguments.GetValue(_stdout))
            return await new FrameLines(Host, capture, arguments.GetValue(_speed)).WriteAsync(cancellationToken);

        using var log = new HostLog(Host, _log.Read(arguments));
        var options = new ReplayOptions
        {
            Capture = capture,
            Port = arguments.GetValue(_port),
            Address = arguments.GetRequiredValue(_address),
            AllowedOrigins = arguments.GetValue(_origins) ?? [],
            Speed = arguments.GetValue(_speed),
            From = arguments.GetValue(_from),
            To = arguments.GetValue(_to),
            Loop = arguments.GetValue(_loop),
            Wait = arguments.GetValue(_wait),
            AppKey = arguments.GetValue(_appKey),
            AppSecret = arguments.GetValue(_appSecret),
            Revision = _compatibility.RevisionOf(arguments),
            AesPerRegistration = _compatibility.UsesAesPerRegistration(arguments),
            TimeProvider = Host.Time,
            LoggerFactory = log,
        };
        await using var server = await ServerStart.RunAsync(
            () => ReplayServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        try
        {
            await _format.WriteAsync(
                Host,
                arguments,
                text => ReplayGuide.Write(text, server, options),
                () => Announcement.LineOf(server.RestUrl, server.WebSocketUrl),
                cancellationToken);
            var status = new ReplayStatus(Host.Time, () => (server.Statistics.Position, server.Statistics.FramesSent));
            using var progress = new Progress(Host, status.Next, besideOutput: true);
            await server.Ended.WaitAsync(cancellationToken);
            if (arguments.GetValue(_once))
                await server.StopAsync(options.SlowClientLimit).WaitAsync(cancellationToken);
            else
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException) when (!arguments.GetValue(_once))
        {
            // The normal end of a server, once it listens.
        }

        return ExitCode.Success;
    }

    private CaptureReader Open(ParseResult arguments, CancellationToken cancellationToken)
    {
        CaptureTimeOption.RejectEmptyRange(arguments.GetValue(_from), arguments.GetValue(_to));
        var bounds = CaptureReaderOptions.Default with { From = arguments.GetValue(_from), To = arguments.GetValue(_to) };
        return ReadReport.WriteSkipped(Host, CaptureReader.Open(arguments.GetRequiredValue(_paths), bounds, cancellationToken));
    }
}
