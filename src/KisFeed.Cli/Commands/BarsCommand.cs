using KisFeed.Capture;
using KisFeed.Capture.Bars;
using KisFeed.Cli.Captures;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed bars</c>: makes bars (OHLC) from captures.</summary>
internal sealed class BarsCommand : KisFeedCommand
{
    private const int FlushInterval = 256; // bars

    private readonly CaptureSelection _selection = new(hasClock: true);
    private readonly Option<TimeSpan> _interval = ParsedOption.WithDefault<TimeSpan>(
        "--interval",
        "1s|1m|5m|1h|1d",
        UiText.Of("The length of a bar, 1s to 1d; it must divide a day.", "봉의 길이. 1s~1d 가운데 하루를 나누어떨어지게 하는 값."),
        new BarOptions().Interval,
        TryParseInterval,
        text =>
            UiText.Of(
                $"'{text}' is not a valid interval. Use a number and s, m, h or d that divides a day, from 1s to 1d, e.g. 30s, 1m, 5m or "
                    + "1h.",
                $"'{text}': 올바른 봉 길이가 아닙니다. 30s, 1m, 5m, 1h처럼 숫자와 s, m, h, d로, 1s~1d 가운데 하루를 나누어떨어지게 하는 값을 쓰세요."));

    private readonly Option<string> _format = CommonOptions.Format(
        UiText.Of("A table; CSV; or JSON, one object per line.", "표, CSV, 또는 한 줄에 하나의 JSON 객체."), "table", "csv", "jsonl");

    private readonly ValueOption<string?> _out = new("--out", "FILE", UiText.Of(
        "Write to this file. [standard output]",
        "저장할 파일. [표준 출력]"));
    private readonly SwitchOption _force = new("--force", UiText.Of("Replace an existing file.", "이미 있는 파일 덮어쓰기."));

    public BarsCommand(CommandHost host)
        : base(host, "bars", UiText.Of(
            "Make bars from captures by exchange time: open, high, low, close, or the net volume of program trading; volume, turnover, "
                + "records, gaps, and missed volume.",
            "기록에서 거래소 시각 기준의 봉(시가·고가·저가·종가, 프로그램매매는 순매수량)을 만듦. 거래량, 거래대금, 레코드 수, 공백, 놓친 거래량도 나옵니다."))
    {
        _selection.AddTo(this);
        this.AddAll(_interval, _format, _out, _force);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed bars capture/2026-11-20 --feed index --key 0001 --interval 5m", UiText.Of("KOSPI in five-minute bars", "코스피 5분봉")),
        ("kisfeed bars capture --feed program --key 005930", UiText.Of(
            "the net program trading of one stock, per minute",
            "한 종목의 프로그램매매 순매수, 1분 단위")),
        ("kisfeed bars capture --feed bond --interval 1d --format csv --out bonds.csv", UiText.Of("daily bars of each bond", "채권별 일봉")),
        ("kisfeed bars capture --format jsonl | jq -c 'select(.gap or .missedVolume > 0)'", UiText.Of(
            "the minutes with missing data",
            "데이터가 빠진 분만")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "some data could not be read; bars were made from everything else",
            "일부 데이터를 읽지 못함. 나머지로 봉을 만들었음")),
        (ExitCode.Interrupted, UiText.Of("interrupted; no file was written", "중단됨. 파일을 쓰지 않았음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var reader = _selection.OpenFiles(Host, arguments, cancellationToken);
        RequirePrices(reader);
        var path = arguments.GetValue(_out);
        using var files = new AtomicFileSet(arguments.GetValue(_force));
        var target = path is null ? Host.DataOutput : files.Begin(path, isPrivate: false);
        await using Output<Bar> output = arguments.GetValue(_format) switch
        {
            "csv" => new BarCsv(target),
            "jsonl" => new PlainOutput<Bar>(target, BarJson.LineOf),
            _ => new BarTable(target, CaptureSelection.FeedsOf(reader)),
        };
        var options = new BarOptions
        {
            Interval = arguments.GetValue(_interval),
            Keys = _selection.Keys(arguments),
            Span = _selection.Span(arguments),
        };
        var bars = new CaptureBars(reader, options);
        await files.FillAsync(
            () => WriteAsync(bars, output, path is null ? Host : Host with { OutputIsTerminal = false }, reader, cancellationToken));
        return Report(bars.Counts, options.Span);
    }

    private static async Task WriteAsync(
        CaptureBars bars, Output<Bar> output, CommandHost host, CaptureReader reader, CancellationToken cancellationToken)
    {
        using var progress = new ReadProgress(host, reader, () => CountText.Of(bars.Counts.Bars, "bar"));
        await foreach (var bar in bars.ReadAsync(progress, cancellationToken))
        {
            output.Write(bar);
            if (bars.Counts.Bars % FlushInterval == 0)
                await output.FlushAsync(cancellationToken);
        }

        await output.FlushAsync(cancellationToken);
    }

    private static bool TryParseInterval(string text, out TimeSpan interval)
    {
        interval = default;
        if (text.Length < 2 || !ParsedOption.TryParseCount(text[..^1], out int number) || number > 86_400)
            return false;
        interval = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => default,
        };
        return BarOptions.IsInterval(interval);
    }

    private static void RequirePrices(CaptureReader reader)
    {
        var feeds = CaptureSelection.FeedsOf(reader);
        if (feeds.Length == 0 || feeds.Any(CaptureBars.Supports))
            return;
        throw new CommandException(UiText.Of(
            $"no bars can be made from {string.Join(", ", feeds.Select(FeedNames.NameOf))}: its records have no time, or neither a price "
                + "nor a net volume. 'kisfeed feeds' shows the roles of a feed's columns; 'kisfeed export' writes the records",
            $"{string.Join(", ", feeds.Select(FeedNames.NameOf))}: 레코드에 시각이 없거나, 가격도 순매수량도 없어서 봉을 만들 수 없습니다. 컬럼의 역할은 'kisfeed feeds'로 볼 "
                + "수 있고, 레코드는 'kisfeed export'로 내보낼 수 있습니다"));
    }

    private int Report(BarCounts counts, RecordSpan span)
    {
        ReadReport.WriteAbsent(Host, counts.AbsentFeeds.Except(counts.WithoutPrice, StringComparer.Ordinal), counts.AbsentKeys);
        ReadReport.WriteSpan(Host, span, counts.Span, counts.Records + counts.Late + counts.Untimed);
        if (counts.WithoutPrice.Count > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: {string.Join(", ", counts.WithoutPrice.Order(StringComparer.Ordinal))} left out: the records have no time, or "
                    + "neither a price nor a net volume",
                $"kisfeed: {string.Join(", ", counts.WithoutPrice.Order(StringComparer.Ordinal))}: 레코드에 시각이 없거나, 가격도 순매수량도 없어서 제외했습니다"));
        }
        if (counts.Gaps > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Gaps, "gap")}; the bars on both sides of each are marked",
                $"kisfeed: 공백 {counts.Gaps:N0}개. 앞뒤 봉에 표시했습니다"));
        }
        if (counts.Late > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Late, "record")} arrived after the end of "
                    + $"{(counts.Late == 1 ? "its bar and is" : "their bars and are")} in no bar; the volume, {counts.LateVolume:N0}, "
                    + "counts as missed volume",
                $"kisfeed: 레코드 {counts.Late:N0}건은 해당 봉이 끝난 뒤에 와서 어느 봉에도 넣지 않았습니다. 거래량 {counts.LateVolume:N0}은 놓친 거래량으로 셉니다"));
        }
        if (counts.Untimed > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Untimed, "record has no time and is", "records have no time and are")} in no bar; the "
                    + "volume counts as missed volume",
                $"kisfeed: 레코드 {counts.Untimed:N0}건은 시각이 없어 어느 봉에도 넣지 않았습니다. 거래량은 놓친 거래량으로 셉니다"));
        }
        if (counts.Repeated > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Repeated, "record repeats", "records repeat")} a volume that an earlier record has; it "
                    + "is counted once",
                $"kisfeed: 레코드 {counts.Repeated:N0}건은 앞선 레코드와 같은 거래량이어서 한 번만 셌습니다"));
        }
        if (counts.Unfollowed > 0)
        {
            Host.Error.WriteLine(
                UiText.Of(
                    $"kisfeed: {CountText.Of(counts.Unfollowed, "record is", "records are")} in no bar, because there are too many keys",
                    $"kisfeed: 키가 너무 많아 레코드 {counts.Unfollowed:N0}건은 어느 봉에도 넣지 않았습니다"));
        }
        if (counts.Restarts > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: the cumulative volume restarted {CountText.Of(counts.Restarts, "time")} within a day; the "
                    + $"{(counts.Restarts == 1 ? "bar is" : "bars are")} marked as having a gap",
                $"kisfeed: 누적 거래량이 하루 안에 {counts.Restarts:N0}번 처음부터 다시 시작했습니다. 해당 봉에 공백으로 표시했습니다"));
        }
        if (counts.Excess > 0)
        {
            Host.Error.WriteLine(UiText.Of(
                $"kisfeed: the trade volumes of the records exceed the growth of the cumulative volume by {counts.Excess:N0}: the feed "
                    + "is inconsistent",
                $"kisfeed: 레코드의 체결량 합이 누적 거래량 증가분보다 {counts.Excess:N0} 많습니다. 피드의 데이터가 서로 맞지 않습니다"));
        }
        return ReadReport.Write(Host, counts, UiText.Of(
            "; 'kisfeed export --format jsonl' shows them",
            ". 'kisfeed export --format jsonl'로 볼 수 있습니다"));
    }
}
