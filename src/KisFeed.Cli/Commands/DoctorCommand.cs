using KisFeed.Cli.Diagnosis;
using KisFeed.Cli.Gateways;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed doctor</c>: checks step by step everything that a session needs, and says what is wrong and how to fix it.</summary>
internal sealed class DoctorCommand : KisFeedCommand
{
    private const string UsualTarget = "index:0001";
    private const string MockTarget = "notice";
    private const string MockTradeTarget = "trade-krx:005930";

    private readonly Argument<string?> _target = new("FEED:KEY")
    {
        Description =
            UiText.Of(
                $"The feed and key to subscribe to. [{UsualTarget}; on mock the order notices of the configured HTS ID, or "
                    + $"{MockTradeTarget}]",
                $"구독해 볼 피드와 키. [{UsualTarget}. 모의투자는 설정된 HTS ID의 주문 통보, 없으면 {MockTradeTarget}]"),
        HelpName = "FEED:KEY",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ConnectionOptions _connection = new();
    private readonly TextOrJsonOption _format = new(UiText.Of(
        "Text; or JSON, one object per finding and a last one for the result.",
        "텍스트, 또는 항목마다 JSON 객체 하나와 마지막에 결과 하나."));

    private readonly Option<TimeSpan?> _wait = CommonOptions.Duration(
        "--wait", UiText.Of(
            $"How long to wait for the first frame. [{DurationText.Format(UsualWait)}]",
            $"첫 프레임을 기다리는 시간. [{DurationText.Format(UsualWait)}]"));

    public DoctorCommand(CommandHost host)
        : base(host, "doctor", UiText.Of(
            "Check configuration, network, approval key, connection, a subscription and its first frame, and the clock; say what is "
                + "wrong and how to fix it. Connects once.",
            "설정, 네트워크, 접속키, 연결, 구독과 첫 프레임, 시계를 차례로 확인하고 무엇이 잘못됐는지, 어떻게 고치는지 알려 줌. 접속은 한 번만 합니다."))
    {
        _target.RefuseOptions();
        _target.CompletionSources.CompleteFeeds(":");
        Add(_target);
        _connection.AddTo(this);
        this.AddAll(_format, _wait);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed doctor", UiText.Of("the configured service, with KOSPI", "설정된 서비스를 코스피로")),
        ("kisfeed doctor --env mock", UiText.Of("the mock service, with your order notices", "모의투자 서비스를 내 주문 통보로")),
        ("kisfeed doctor program:005930 --url ws://127.0.0.1:21000", UiText.Of("a simulator", "시뮬레이터")),
        ("kisfeed doctor --format json | jq 'select(.status == \"failed\")'",
            UiText.Of(
                "for scripts; not in a loop, because the broker blocks clients that reconnect repeatedly",
                "스크립트용. 접속을 되풀이하면 증권사가 차단하므로 반복 실행하지 마세요")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of("the first frame cannot be read", "첫 프레임을 읽지 못함")),
        (ExitCode.Refused, UiText.Of("the broker refused the credentials, the session or the registration", "증권사가 앱키, 세션, 또는 등록을 거부함")),
        (ExitCode.ConnectionLost, UiText.Of(
            "the service cannot be reached, or sends no data during trading hours",
            "서비스에 접속하지 못했거나 거래 시간인데 데이터가 오지 않음")),
        (ExitCode.Interrupted, UiText.Of("interrupted", "중단됨")),
    ];

    private static TimeSpan UsualWait => TimeSpan.FromSeconds(20);

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        // JSON is English in every language.
        if (_format.IsJson(arguments))
            CultureInfo.CurrentUICulture = Language.English;
        await using Output<DoctorReport> output = _format.IsJson(arguments)
            ? new PlainOutput<DoctorReport>(Host.Output, report => report.ToJson())
            : new TextFindings(Host);
        await using var context = new DoctorContext(Host) { Wait = arguments.GetValue(_wait) ?? UsualWait };
        Check[] checks =
        [
            new ConfigurationCheck(
                () => _connection.Read(Host, arguments, log, options => options),
                _connection.HasEnvironment(arguments),
                options => TargetOf(arguments, options)),
            new NetworkCheck(),
            new ConnectionCheck(),
            new SubscriptionCheck(),
            new FirstFrameCheck(),
            new DecodingCheck(),
            new ClockCheck(),
            new HeartbeatCheck(),
        ];
        return await new DoctorRunner(Host, checks, output).RunAsync(context, cancellationToken);
    }

    private static string UsualTargetOn(bool isMock, string? htsId) => isMock ? htsId is null ? MockTradeTarget : MockTarget : UsualTarget;

    private WatchTarget TargetOf(ParseResult arguments, KisFeedOptions options)
    {
        var isMock = options.Environment == KisEnvironment.Mock;
        var text = arguments.GetValue(_target);
        var catalog = _connection.CatalogOf(Host, arguments);
        return WatchTarget.Parse(
            catalog,
            text ?? UsualTargetOn(isMock, options.HtsId),
            options.HtsId,
            new KeyResolver(SimulatedInstruments.All, Host.WriteMessage))
            .On(options.Environment, catalog);
    }
}
