using KisFeed.Capture.Inspection;
using KisFeed.Cli.Captures;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed inspect</c>: shows what captures hold and checks them.</summary>
internal sealed class InspectCommand : KisFeedCommand
{
    private readonly CaptureSelection _selection = new();
    private readonly TextOrJsonOption _format = new("Text, or JSON.");

    public InspectCommand(CommandHost host)
        : base(host, "inspect", "Show what captures hold: feeds, keys, spans, counts, rates, gaps; and check that each file is as it was "
            + "written. HTS IDs are masked.")
    {
        _selection.AddTo(this);
        Add(_format);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed inspect capture/2026-11-20", "a day"),
        ("kisfeed inspect capture --feed index --from 09:00 --to 09:30", "the index feed in the first half hour of each day"),
        ("kisfeed inspect capture --format json | jq .gapCount", "for programs"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "a file is damaged, torn or changed, or something in it cannot be read"),
        (ExitCode.Interrupted, "interrupted"),
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
