using KisFeed.Capture;
using KisFeed.Capture.Export;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Decoding;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed export</c>: writes the records of captures as CSV or JSON.</summary>
internal sealed class ExportCommand : KisFeedCommand
{
    private readonly CaptureSelection _selection = new(hasClock: true, hasGateway: true);
    private readonly ChoiceOption<ExportFormat> _format = new(
        "--format",
        UiText.Of(
            "CSV, one feed per file; or JSON, one object per line, with gaps and unreadable data in their places.",
            "CSV(파일마다 피드 하나), 또는 한 줄에 하나의 JSON 객체. JSON에는 공백과 읽을 수 없는 데이터도 제자리에 나옵니다."),
        ExportFormat.Csv,
        format => ExportFormatInfo.Of(format).FileExtension);
    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly ValueOption<string?> _out = new("--out", "FILE|DIR",
        UiText.Of("The output file, or a folder for one file per feed. [standard output]", "저장할 파일, 또는 피드마다 파일 하나씩 저장할 폴더. [표준 출력]"));
    private readonly ValueOption<string?> _gaps = new("--gaps", "FILE",
        UiText.Of(
            "Write the gaps to this file as CSV; the CSV of records cannot hold them.",
            "공백을 CSV로 저장할 파일. 레코드의 CSV에는 공백을 넣을 수 없습니다."));
    private readonly SwitchOption _escapeFormulas = new("--escape-formulas",
        UiText.Of(
            "CSV: put ' before texts that a spreadsheet would run as formulas, and write control characters as symbols.",
            "CSV: 스프레드시트가 수식으로 실행할 텍스트 앞에 '를 붙이고 제어 문자는 기호로 바꿈."));

    private readonly SwitchOption _force = new("--force", UiText.Of("Replace existing files.", "이미 있는 파일 덮어쓰기."));

    public ExportCommand(CommandHost host)
        : base(host, "export", UiText.Of(
            "Write the records of captures as CSV or JSON: typed columns, receive time, exchange time with its date, feed, key and "
                + "number within the frame.",
            "기록의 레코드를 CSV나 JSON으로 내보냄: 타입이 있는 컬럼, 수신 시각, 날짜가 있는 거래소 시각, 피드, 키, 프레임 안의 순번."))
    {
        _selection.AddTo(this);
        this.AddAll(_format, _names, _out, _gaps, _escapeFormulas, _force);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed export capture/2026-11-20 --feed index --key 0001 --out kospi.csv", UiText.Of("a day of KOSPI", "하루치 코스피")),
        ("kisfeed export capture --out csv/ --gaps csv/gaps.csv", UiText.Of(
            "everything, one file per feed, and the gaps",
            "전부, 피드마다 파일 하나씩, 그리고 공백")),
        ("kisfeed export capture --format jsonl --from 09:00 --to 09:05 | jq -c 'select(.gap)'",
            UiText.Of("the gaps of the first five minutes of each day, by exchange time", "날마다 거래소 시각으로 첫 5분 동안의 공백")),
        ("kisfeed export capture --feed index --by receipt --from 2026-11-20T20:00 --out evening.csv",
            UiText.Of("records received since 20:00, whatever their exchange time", "거래소 시각과 상관없이 20:00부터 받은 레코드")),
        ("kisfeed export --url http://127.0.0.1:21000 --feed index --key 0001 --from 09:00 --out kospi.csv",
            UiText.Of(
                "from the recording of a gateway ('kisfeed gateway --record DIR'), the same as from its folder",
                "게이트웨이의 기록에서('kisfeed gateway --record DIR'). 그 폴더에서 내보낸 것과 같습니다")),
        ("kisfeed export capture --feed bond --names kis --out bond.csv",
            UiText.Of(
                "with the broker's names; 'kisfeed feeds bond --format sql --names kis' makes the table for it",
                "증권사의 이름으로. 테이블은 'kisfeed feeds bond --format sql --names kis'로 만듭니다")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, UiText.Of("--url: the gateway refused the credentials or a feed", "--url: 게이트웨이가 앱키나 피드를 거부함")),
        (ExitCode.ConnectionLost, UiText.Of(
            "--url: the gateway cannot be reached, or the connection was lost",
            "--url: 게이트웨이에 접속하지 못했거나 연결이 끊김")),
        (ExitCode.MalformedData, UiText.Of("some data could not be read; everything else was written", "일부 데이터를 읽지 못함. 나머지는 내보냈음")),
        (ExitCode.Interrupted, UiText.Of("interrupted; no file was written", "중단됨. 파일을 쓰지 않았음")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var selected = await _selection.OpenAsync(Host, arguments, cancellationToken);
        var reader = selected.Reader;
        var format = _format.Read(arguments);
        var info = ExportFormatInfo.Of(format);
        var path = arguments.GetValue(_out);
        var isFolder = path is not null && (Directory.Exists(path) || Path.EndsInDirectorySeparator(path));
        if (info.SingleFeedReason is { } reason && !isFolder)
            RequireOneFeed(reason, reader);

        if (isFolder)
            path = Directory.CreateDirectory(path!).FullName;
        using var files = new AtomicFileSet(arguments.GetValue(_force));
        var options = new ExportOptions
        {
            Format = format,
            Names = _names.Read(arguments),
            EscapesFormulas = arguments.GetValue(_escapeFormulas),
            Keys = _selection.Keys(arguments),
            Span = _selection.Span(arguments),
            Gaps = arguments.GetValue(_gaps) is { } gaps ? files.Begin(gaps, isPrivate: HasNotices(reader)) : null,
        };
        var warnings = new RecordWarnings(Host.Error);
        var export = new CaptureExport(reader, options) { UnknownWidth = (feed, shape) => warnings.UnknownWidth(feed, shape) };
        var single = isFolder ? null : path is null ? Host.DataOutput : files.Begin(path, HasNotices(reader));
        using (var progress = new ReadProgress(
            path is null ? Host : Host with { OutputIsTerminal = false }, reader, () => CountText.Of(export.Counts.Records, "record")))
        {
            await files.FillAsync(() => single is null
                ? export.WriteEachAsync(
                    trId => files.Begin(Path.Combine(path!, $"{trId}.{info.FileExtension}"), IsNotice(reader, trId)),
                    progress,
                    cancellationToken)
                : export.WriteAsync(single, progress, cancellationToken));
        }

        return await ReportAsync(export.Counts, options.Span, isQuiet: path is null, hasGaps: options.Gaps is not null || info.HasGaps);
    }

    private static void RequireOneFeed(string reason, CaptureReader reader)
    {
        if (CaptureSelection.TrIdsOf(reader) is { Length: > 1 } several)
        {
            throw new CommandException(UiText.Of(
                $"{reason}, but the capture has {string.Join(", ", several)}: choose one with --feed, or write one file per feed with "
                    + "--out csv/",
                $"{LibraryText.Of(reason)}. 그런데 기록에는 {string.Join(", ", several)} 피드가 있습니다. --feed로 하나를 고르거나 --out csv/로 피드마다 파일 하나씩 "
                    + "저장하세요"));
        }
    }

    private static bool HasNotices(CaptureReader reader) => CaptureSelection.FeedsOf(reader).Any(feed => feed.IsNotice);

    private static bool IsNotice(CaptureReader reader, string trId) => reader.Options.Catalog.TryFind(trId, out var feed) && feed.IsNotice;

    private async Task<int> ReportAsync(ExportCounts counts, RecordSpan span, bool isQuiet, bool hasGaps)
    {
        if (!isQuiet)
        {
            await Host.Error.WriteLineAsync(UiText.Of(
                $"{CountText.Of(counts.Records, "record")} of {CountText.Of(counts.Frames, "frame")} "
                    + $"written{(counts.Feeds.Count > 0 ? $": {string.Join(", ", counts.Feeds.Order(StringComparer.Ordinal))}" : "")}",
                $"프레임 {counts.Frames:N0}개의 레코드 {counts.Records:N0}건 "
                    + $"저장{(counts.Feeds.Count > 0 ? $": {string.Join(", ", counts.Feeds.Order(StringComparer.Ordinal))}" : "")}"));
        }
        ReadReport.WriteAbsent(Host, counts.AbsentFeeds, counts.AbsentKeys);
        ReadReport.WriteSpan(Host, span, counts.Span, counts.Records);
        if (counts.Gaps > 0)
        {
            await Host.Error.WriteLineAsync(UiText.Of(
                $"kisfeed: {CountText.Of(counts.Gaps, "gap")}, where data is "
                    + $"missing{(hasGaps ? "" : "; --gaps FILE or --format jsonl shows where")}",
                $"kisfeed: 데이터가 빠진 공백 {counts.Gaps:N0}개{(hasGaps ? "" : ". 어디인지는 --gaps FILE이나 --format jsonl로 볼 수 있습니다")}"));
        }
        return ReadReport.Write(Host, counts, UiText.Of("; --format jsonl shows them", ". --format jsonl로 볼 수 있습니다"));
    }
}
