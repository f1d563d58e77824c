using System.CommandLine;
using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Records;
using KisFeed.Wire;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed export</c>: the records of captures as CSV or JSON.</summary>
internal sealed class ExportCommand : KisFeedCommand
{
    private readonly CaptureSelection _selection = new(hasClock: true);
    private readonly Option<string> _format = CommonOptions.Choice("--format", "CSV, of one feed; or JSON, an object a line, with gaps and what cannot be read in their places.", ExportChoice.Csv);
    private readonly Option<string> _names = CommonOptions.Names();
    private readonly Option<string?> _out = new("--out") { Description = "Where to. A folder gets a file for each feed. Default: standard output.", HelpName = "FILE|DIR" };
    private readonly Option<string?> _gaps = new("--gaps") { Description = "Write the gaps, for which CSV has no place, as CSV into this file.", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force") { Description = "Replace files that exist already." };

    public ExportCommand(CommandHost host)
        : base(host, "export", "Write the records of captures as CSV or JSON: typed columns, receive time, exchange time with its date, feed, key and number within the frame.")
    {
        _selection.AddTo(this);
        Add(_format);
        Add(_names);
        Add(_out);
        Add(_gaps);
        Add(_force);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed export capture/2026-11-20 --feed index --key 0001 --out kospi.csv", "a day of KOSPI"),
        ("kisfeed export capture --out csv/ --gaps csv/gaps.csv", "everything, a file for each feed, and the gaps"),
        ("kisfeed export capture --format jsonl --from 09:00 --to 09:05 | jq -c 'select(.gap)'", "the gaps of the first five minutes of each day, by exchange time"),
        ("kisfeed export capture --feed index --by receipt --from 2026-11-20T20:00 --out evening.csv", "what was received since 20:00, whatever time it tells of"),
        ("kisfeed export capture --feed bond --names kis --out bond.csv", "under the broker's names; 'kisfeed feeds bond --format sql --names kis' is the table for it"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "something could not be read; everything else was written"),
        (ExitCode.Interrupted, "interrupted; no file is left"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var reader = _selection.Open(arguments);
        var format = arguments.GetChoice<ExportChoice>(_format);
        var path = arguments.GetValue(_out);
        var isFolder = path is not null && (Directory.Exists(path) || Path.EndsInDirectorySeparator(path));
        if (format == ExportChoice.Csv && !isFolder)
            RequireOneFeed(reader);

        if (isFolder)
            path = Directory.CreateDirectory(path!).FullName;
        using var files = new AtomicFileSet(arguments.GetValue(_force));
        var options = new ExportOptions
        {
            Format = format == ExportChoice.Csv ? ExportFormat.Csv : ExportFormat.JsonLines,
            Names = arguments.GetChoice<NameStyle>(_names),
            Keys = _selection.Keys(arguments),
            Span = _selection.Span(arguments),
            Gaps = arguments.GetValue(_gaps) is { } gaps ? files.Begin(gaps, isPrivate: HasNotices(reader)) : null,
        };
        var widths = new UnknownWidthReporter(Host.Error);
        var export = new CaptureExport(reader, options) { UnknownWidth = (feed, shape) => widths.Report(feed, shape) };
        var single = isFolder ? null : path is null ? Host.DataOutput : files.Begin(path, HasNotices(reader));
        using (var progress = new ReadProgress(path is null ? Host : Host with { OutputIsTerminal = false }, reader, () => CountText.Of(export.Counts.Records, "record")))
        {
            await files.FillAsync(() => single is null
                ? export.WriteEachAsync(trId => files.Begin(Path.Combine(path!, $"{trId}.{format.ToString().ToLowerInvariant()}"), IsNotice(reader, trId)), progress, cancellationToken)
                : export.WriteAsync(single, progress, cancellationToken));
        }

        return await ReportAsync(export.Counts, options.Span, isQuiet: path is null, hasGaps: options.Gaps is not null || format != ExportChoice.Csv);
    }

    private static void RequireOneFeed(CaptureReader reader)
    {
        if (CaptureSelection.TrIdsOf(reader) is { Length: > 1 } several)
            throw new CommandException($"CSV has one header, so it takes one feed, and there are {string.Join(", ", several)}: name one with --feed, or a folder with --out (--out csv/), which gets a file for each");
    }

    private static bool HasNotices(CaptureReader reader) => CaptureSelection.FeedsOf(reader).Any(feed => feed.IsNotice);

    private static bool IsNotice(CaptureReader reader, string trId) => reader.Options.Catalog.TryFind(trId, out var feed) && feed.IsNotice;

    private async Task<int> ReportAsync(ExportCounts counts, RecordSpan span, bool isQuiet, bool hasGaps)
    {
        if (!isQuiet)
            await Host.Error.WriteLineAsync($"{CountText.Of(counts.Records, "record")} of {CountText.Of(counts.Frames, "frame")} written{(counts.Feeds.Count > 0 ? $": {string.Join(", ", counts.Feeds.Order(StringComparer.Ordinal))}" : "")}");
        ReadReport.TellAbsent(Host, counts.AbsentFeeds, counts.AbsentKeys);
        ReadReport.TellSpan(Host, span, counts.Span, counts.Records);
        if (counts.Gaps > 0)
            await Host.Error.WriteLineAsync($"kisfeed: {CountText.Of(counts.Gaps, "gap")}: data are missing there{(hasGaps ? "" : "; --gaps FILE or --format jsonl says where")}");
        return ReadReport.Tell(Host, counts, "; --format jsonl shows them");
    }
}
