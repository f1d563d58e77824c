using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed watch</c>: shows feeds live, for people and for programs.</summary>
internal sealed class WatchCommand : KisFeedCommand
{
    private readonly TargetArguments _targets;
    private readonly ConnectionOptions _connection = new();
    private readonly Option<string> _format = CommonOptions.Format(
        UiText.Of(
            "A table, live on a terminal and one line per tick elsewhere; JSON, one object per line; or CSV.",
            "표(터미널에서는 실시간, 다른 곳에서는 한 건에 한 줄), 한 줄에 하나의 JSON 객체, 또는 CSV."), "table", "json", "csv");

    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly Option<HistoryStart?> _from = new("--from")
    {
        Description = UiText.Of(
            $"Begin in the recorded data of a gateway: {HistoryForms}. Live data follow. [only live data]",
            $"게이트웨이가 기록해 둔 과거부터 시작: {HistoryForms}. 이어서 실시간 데이터가 옵니다. [실시간 데이터만]"),
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (HistoryStart.TryParse(result.Tokens[0].Value, out var start))
                return start;
            result.AddError(UiText.Of(
                $"'{result.Tokens[0].Value}' is not valid. Use {HistoryForms}.",
                $"'{result.Tokens[0].Value}': 올바르지 않습니다. {HistoryForms} 가운데 하나로 쓰세요."));
            return null;
        },
    };

    private static string HistoryForms => UiText.Of(
        HistoryStart.Forms,
        "오늘의 한국 시각(09:00), 날짜(2026-11-20), 날짜와 시각(2026-11-20T09:00), 지금으로부터의 시간(-15m), 또는 항목의 ID");

    private readonly RunOptions _run = new(UiText.Of("End after this many records.", "레코드를 이만큼 받으면 종료."));
    private readonly ChoiceOption<MarketColors> _colors = CommonOptions.Colors();

    public WatchCommand(CommandHost host)
        : base(host, "watch", UiText.Of(
            "Watch feeds live, from the broker or a simulator; gaps and malformed frames are shown in their places.",
            "증권사나 시뮬레이터의 실시간 데이터 보기. 공백과 읽을 수 없는 프레임도 제자리에 나옵니다."))
    {
        _targets = new TargetArguments(UiText.Of("watch", "볼"), _connection.Masters);
        Add(_targets.Targets);
        _connection.AddTo(this);
        this.AddAll([.. _targets.Options, _format, _names, _from]);
        _run.AddTo(this);
        Add(_colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed watch index:0001 index:1001",
            UiText.Of(
                "KOSPI and KOSDAQ, live; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml",
                "코스피와 코스닥, 실시간. 앱키는 KISFEED_APPKEY와 KISFEED_APPSECRET, 또는 ~/KIS/config/kis_devlp.yaml에서")),
        ("kisfeed watch index:0001 --url wss://gateway.example:21000 --client-certificate client.pem",
            UiText.Of("from a gateway that requires client certificates", "클라이언트 인증서를 요구하는 게이트웨이에서")),
        ("kisfeed watch H0BJCNT0:KR103502GA34 program-nxt:005930 notice --format json",
            UiText.Of(
                "three feeds for another program; order notices of KISFEED_HTSID or my_htsid",
                "다른 프로그램을 위해 피드 세 개. 주문 통보는 KISFEED_HTSID나 my_htsid의 것")),
        ("kisfeed watch index:0001 --format csv --count 1000 > kospi.csv", UiText.Of(
            "a thousand records for a spreadsheet",
            "스프레드시트용 레코드 1,000건")),
        ("kisfeed watch index:0001 --from 09:00 --url ws://127.0.0.1:21000",
            UiText.Of(
                "today since 09:00, then live, from a gateway that records ('kisfeed gateway --record DIR')",
                "오늘 09:00부터, 이어서 실시간. 기록하는 게이트웨이에서('kisfeed gateway --record DIR')")),
        ("kisfeed watch program:005930 --from -15m --format json --url ws://127.0.0.1:21000", UiText.Of(
            "the last 15 minutes, then live",
            "15분 전부터, 이어서 실시간")),
        ("kisfeed watch us:애플 --masters masters", UiText.Of(
            "a name in place of a key, from the broker's master files in a folder",
            "키 대신 종목 이름. 폴더에 있는 증권사 마스터파일에서 찾습니다")),
        ("kisfeed watch us:AAPL --with-day-time", UiText.Of(
            "a US stock, also while it is traded by day in Korea",
            "미국 주식, 한국의 주간거래 시간에도")),
        ("kisfeed watch index:0001 --url ws://127.0.0.1:21000 --duration 10s", UiText.Of(
            "from 'kisfeed simulate'",
            "'kisfeed simulate'에서")),
        ("kisfeed watch index:0001 --wait --watchdog 5m --format json", UiText.Of(
            "as a service that starts before the network does",
            "네트워크보다 먼저 시작하는 서비스로")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, UiText.Of(
            "the broker permanently refused the credentials, the session or a registration; run 'kisfeed doctor'",
            "증권사가 앱키, 세션, 또는 등록을 완전히 거부함. 'kisfeed doctor'로 확인하세요")),
        (ExitCode.ConnectionLost, UiText.Of("the connection failed at the start or was lost permanently", "처음부터 접속하지 못했거나 연결을 완전히 잃음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        var configuration = _connection.Read(Host, arguments, log, options => _run.ApplyTo(options, arguments));
        var instruments = await _targets.ReadInstrumentsAsync(Host, arguments, cancellationToken);
        var targets = _targets.Read(Host, arguments, _connection.CatalogOf(Host, arguments), configuration.Options, instruments);
        var options = ServiceSettings.Require(configuration);
        var context = new TickContext(
            Host, targets, new InstrumentNames(instruments), _colors.Read(arguments), _names.Read(arguments));
        await using Output<TickItem> output = arguments.GetValue(_format) switch
        {
            "json" => new JsonTicks(Host.DataOutput, context.Names),
            "csv" => new CsvTicks(context),
            _ => TickOutputs.Text(context, isPlain: !Host.OutputIsTerminal),
        };
        await using var client = await _run.OpenAsync(Host, options, arguments, cancellationToken);
        if (output is LiveTicks live)
            live.Status = new LiveStatus(Host.Time, () => client.Sessions);
        var session = new WatchSession(Host, client, targets, output) { From = arguments.GetValue(_from) };
        await TickOutputs.RunAsync(Host, output, session, _run.CountOf(arguments), _run.DurationOf(arguments), cancellationToken);
        RequireConnection(client, cancellationToken);
        return ExitCode.Success;
    }

    // Reaching the time limit is a normal end, but not if there was no connection until then.
    private static void RequireConnection(KisFeedClient client, CancellationToken cancellationToken)
    {
        if (client.Sessions.Any(s => s.Connections > 0))
            return;
        cancellationToken.ThrowIfCancellationRequested();
        throw new CommandException(UiText.Of(
            $"the connection could not be established: {client.Sessions[0].Problem}",
            $"접속하지 못했습니다: {LibraryText.Of(client.Sessions[0].Problem ?? "")}"), ExitCode.ConnectionLost);
    }
}
