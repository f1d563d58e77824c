using KisFeed.Capture.Inspection;
using KisFeed.Cli.Captures;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed inspect</c>: shows what captures hold and checks them.</summary>
internal sealed class InspectCommand : KisFeedCommand
{
    private readonly CaptureSelection _selection = new();
    private readonly TextOrJsonOption _format = new(UiText.Of("Text, or JSON.", "텍스트 또는 JSON."));

    public InspectCommand(CommandHost host)
        : base(host, "inspect", UiText.Of(
            "Show what captures hold: feeds, keys, spans, counts, rates, gaps; and check that each file is as it was written. HTS IDs "
                + "are masked.",
            "기록의 내용(피드, 키, 기간, 건수, 속도, 공백)을 보여 주고 파일이 기록할 때 그대로인지 검사. HTS ID는 가립니다."))
    {
        _selection.AddTo(this);
        Add(_format);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed inspect capture/2026-11-20", UiText.Of("a day", "하루")),
        ("kisfeed inspect capture --feed index --from 09:00 --to 09:30", UiText.Of(
            "the index feed in the first half hour of each day",
            "날마다 첫 30분의 지수")),
        ("kisfeed inspect capture --format json | jq .gapCount", UiText.Of("for programs", "프로그램용")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, UiText.Of(
            "a file is damaged, torn or changed, or something in it cannot be read",
            "손상되었거나 끊겼거나 바뀐 파일, 또는 읽을 수 없는 내용이 있음")),
        (ExitCode.Interrupted, UiText.Of("interrupted", "중단됨")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var reader = _selection.OpenFiles(Host, arguments, cancellationToken);
        CaptureReport report;
        using (var progress = new ReadProgress(Host, reader, () => "inspected"))
            report = await CaptureInspection.RunAsync(reader, _selection.Keys(arguments), progress, cancellationToken);
        await _format.WriteAsync(
            Host,
            arguments,
            text => new InspectionText(report, text).Write(),
            () => Json.Document(InspectionJson.Of(report), CapturesJson.Default.InspectionJson),
            cancellationToken);
        ReadReport.WriteAbsent(Host, report.AbsentFeeds, report.AbsentKeys);
        return report.IsSound ? ExitCode.Success : ExitCode.MalformedData;
    }
}
