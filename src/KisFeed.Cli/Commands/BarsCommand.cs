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
        "The length of a bar, 1s to 1d; it must divide a day.",
        new BarOptions().Interval,
        TryParseInterval,
        text =>
            $"'{text}' is not a valid interval. Use a number and s, m, h or d that divides a day, from 1s to 1d, e.g. 30s, 1m, 5m or 1h.");

    private readonly Option<string> _format = CommonOptions.Format(
        "A table; CSV; or JSON, one object per line.", "table", "csv", "jsonl");

    private readonly ValueOption<string?> _out = new("--out", "FILE", "Write to this file. [standard output]");
    private readonly SwitchOption _force = new("--force", "Replace an existing file.");

    public BarsCommand(CommandHost host)
        : base(host, "bars", "Make bars from captures by exchange time: open, high, low, close, or the net volume of program trading; "
            + "volume, turnover, records, gaps, and missed volume.")
    {
        _selection.AddTo(this);
        this.AddAll(_interval, _format, _out, _force);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed bars capture/2026-11-20 --feed index --key 0001 --interval 5m", "KOSPI in five-minute bars"),
        ("kisfeed bars capture --feed program --key 005930", "the net program trading of one stock, per minute"),
        ("kisfeed bars capture --feed bond --interval 1d --format csv --out bonds.csv", "daily bars of each bond"),
        ("kisfeed bars capture --format jsonl | jq -c 'select(.gap or .missedVolume > 0)'", "the minutes with missing data"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "some data could not be read; bars were made from everything else"),
        (ExitCode.Interrupted, "interrupted; no file was written"),
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
        throw new CommandException($"no bars can be made from {string.Join(", ", feeds.Select(FeedNames.NameOf))}: its records have no "
            + "time, or neither a price nor a net volume. 'kisfeed feeds' shows the roles of a feed's columns; "
            + "'kisfeed export' writes the records");
    }

    private int Report(BarCounts counts, RecordSpan span)
    {
        ReadReport.WriteAbsent(Host, counts.AbsentFeeds.Except(counts.WithoutPrice, StringComparer.Ordinal), counts.AbsentKeys);
        ReadReport.WriteSpan(Host, span, counts.Span, counts.Records + counts.Late + counts.Untimed);
        if (counts.WithoutPrice.Count > 0)
        {
            Host.Error.WriteLine($"kisfeed: {string.Join(", ", counts.WithoutPrice.Order(StringComparer.Ordinal))} left out: "
                + "the records have no time, or neither a price nor a net volume");
        }
        if (counts.Gaps > 0)
            Host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Gaps, "gap")}; the bars on both sides of each are marked");
        if (counts.Late > 0)
        {
            Host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Late, "record")} arrived after the end of "
                + $"{(counts.Late == 1 ? "its bar and is" : "their bars and are")} in no bar; the volume, "
                + $"{counts.LateVolume:N0}, counts as missed volume");
        }
        if (counts.Untimed > 0)
        {
            Host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Untimed, "record has no time and is", "records have no time and are")} in "
                + "no bar; the volume counts as missed volume");
        }
        if (counts.Repeated > 0)
        {
            Host.Error.WriteLine($"kisfeed: {CountText.Of(counts.Repeated, "record repeats", "records repeat")} a volume that an earlier "
                + "record has; it is counted once");
        }
        if (counts.Unfollowed > 0)
        {
            Host.Error.WriteLine(
                $"kisfeed: {CountText.Of(counts.Unfollowed, "record is", "records are")} in no bar, because there are too many keys");
        }
        if (counts.Restarts > 0)
        {
            Host.Error.WriteLine($"kisfeed: the cumulative volume restarted {CountText.Of(counts.Restarts, "time")} within a day; "
                + $"the {(counts.Restarts == 1 ? "bar is" : "bars are")} marked as having a gap");
        }
        if (counts.Excess > 0)
        {
            Host.Error.WriteLine("kisfeed: the trade volumes of the records exceed the growth of the cumulative volume by "
                + $"{counts.Excess:N0}: the feed is inconsistent");
        }
        return ReadReport.Write(Host, counts, "; 'kisfeed export --format jsonl' shows them");
    }
}
