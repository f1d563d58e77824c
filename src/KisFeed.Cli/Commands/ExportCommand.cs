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
        "CSV, one feed per file; or JSON, one object per line, with gaps and unreadable data in their places.",
        ExportFormat.Csv,
        format => ExportFormatInfo.Of(format).FileExtension);
    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly ValueOption<string?> _out = new("--out", "FILE|DIR",
        "The output file, or a folder for one file per feed. [standard output]");
    private readonly ValueOption<string?> _gaps = new("--gaps", "FILE",
        "Write the gaps to this file as CSV; the CSV of records cannot hold them.");
    private readonly SwitchOption _escapeFormulas = new("--escape-formulas",
        "CSV: put ' before texts that a spreadsheet would run as formulas, and write control characters as symbols.");

    private readonly SwitchOption _force = new("--force", "Replace existing files.");

    public ExportCommand(CommandHost host)
        : base(host, "export", "Write the records of captures as CSV or JSON: typed columns, receive time, exchange time with its date, "
            + "feed, key and number within the frame.")
    {
        _selection.AddTo(this);
        this.AddAll(_format, _names, _out, _gaps, _escapeFormulas, _force);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed export capture/2026-11-20 --feed index --key 0001 --out kospi.csv", "a day of KOSPI"),
        ("kisfeed export capture --out csv/ --gaps csv/gaps.csv", "everything, one file per feed, and the gaps"),
        ("kisfeed export capture --format jsonl --from 09:00 --to 09:05 | jq -c 'select(.gap)'",
            "the gaps of the first five minutes of each day, by exchange time"),
        ("kisfeed export capture --feed index --by receipt --from 2026-11-20T20:00 --out evening.csv",
            "records received since 20:00, whatever their exchange time"),
        ("kisfeed export --url http://127.0.0.1:21000 --feed index --key 0001 --from 09:00 --out kospi.csv",
            "from the recording of a gateway ('kisfeed gateway --record DIR'), the same as from its folder"),
        ("kisfeed export capture --feed bond --names kis --out bond.csv",
            "with the broker's names; 'kisfeed feeds bond --format sql --names kis' makes the table for it"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "--url: the gateway refused the credentials or a feed"),
        (ExitCode.ConnectionLost, "--url: the gateway cannot be reached, or the connection was lost"),
        (ExitCode.MalformedData, "some data could not be read; everything else was written"),
        (ExitCode.Interrupted, "interrupted; no file was written"),
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
            throw new CommandException($"{reason}, but the capture has {string.Join(", ", several)}: choose one with --feed, or write one "
                + "file per feed with --out csv/");
        }
    }

    private static bool HasNotices(CaptureReader reader) => CaptureSelection.FeedsOf(reader).Any(feed => feed.IsNotice);

    private static bool IsNotice(CaptureReader reader, string trId) => reader.Options.Catalog.TryFind(trId, out var feed) && feed.IsNotice;

    private async Task<int> ReportAsync(ExportCounts counts, RecordSpan span, bool isQuiet, bool hasGaps)
    {
        if (!isQuiet)
        {
            await Host.Error.WriteLineAsync($"{CountText.Of(counts.Records, "record")} of {CountText.Of(counts.Frames, "frame")} "
                + $"written{(counts.Feeds.Count > 0 ? $": {string.Join(", ", counts.Feeds.Order(StringComparer.Ordinal))}" : "")}");
        }
        ReadReport.WriteAbsent(Host, counts.AbsentFeeds, counts.AbsentKeys);
        ReadReport.WriteSpan(Host, span, counts.Span, counts.Records);
        if (counts.Gaps > 0)
        {
            await Host.Error.WriteLineAsync($"kisfeed: {CountText.Of(counts.Gaps, "gap")}, where data is "
                + $"missing{(hasGaps ? "" : "; --gaps FILE or --format jsonl shows where")}");
        }
        return ReadReport.Write(Host, counts, "; --format jsonl shows them");
    }
}
