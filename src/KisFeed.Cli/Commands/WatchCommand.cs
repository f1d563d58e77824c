using KisFeed.Cli.Decoding;
using KisFeed.Cli.Gateways.Instruments;
using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed watch</c>: shows feeds live, for people and for programs.</summary>
internal sealed class WatchCommand : KisFeedCommand
{
    private readonly Argument<string[]> _targets = new("FEED:KEY")
    {
        Description = "What to watch: a TR ID or alias (case-insensitive) and a key, e.g. index:0001 or H0BJCNT0:KR103502GA34. A feed of order notices without a key, e.g. notice or stock-notice, uses the configured HTS ID.",
        HelpName = "FEED:KEY",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly ConnectionOptions _connection = new();
    private readonly InstrumentsOption _instruments = new();
    private readonly DayTimeOption _dayTime = new();
    private readonly Option<string> _format = CommonOptions.Choice("--format", "A table, live on a terminal and one line per tick elsewhere; JSON, one object per line; or CSV.", WatchFormat.Table);
    private readonly Option<string> _names = CommonOptions.Names();
    private readonly Option<HistoryStart?> _from = HistoryStartOption.Create("Begin in the recorded data of a gateway");
    private readonly RunOptions _run = new("End after this many records.");
    private readonly Option<string> _colors = CommonOptions.Colors();

    public WatchCommand(CommandHost host)
        : base(host, "watch", "Watch feeds live, from the broker or a simulator; gaps and malformed frames are shown in their places.")
    {
        _targets.RefuseOptions();
        _targets.CompletionSources.CompleteFeeds(":");
        Add(_targets);
        _connection.AddTo(this);
        Add(_instruments);
        Add(_dayTime);
        Add(_format);
        Add(_names);
        Add(_from);
        _run.AddTo(this);
        Add(_colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed watch index:0001 index:1001", "KOSPI and KOSDAQ, live; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml"),
        ("kisfeed watch index:0001 --url wss://gateway.example:21000 --client-certificate client.pem", "from a gateway that requires client certificates"),
        ("kisfeed watch H0BJCNT0:KR103502GA34 program-nxt:005930 notice --format json", "three feeds for another program; order notices of KISFEED_HTSID or my_htsid"),
        ("kisfeed watch index:0001 --format csv --count 1000 > kospi.csv", "a thousand records for a spreadsheet"),
        ("kisfeed watch index:0001 --from 09:00 --url ws://127.0.0.1:21000", "today since 09:00, then live, from a gateway that records ('kisfeed gateway --record DIR')"),
        ("kisfeed watch program:005930 --from -15m --format json --url ws://127.0.0.1:21000", "the last 15 minutes, then live"),
        ("kisfeed watch us:애플 --instruments nasmst.cod", "a name in place of a key, from the broker's list"),
        ("kisfeed watch us:AAPL --with-day-time", "a US stock, also while it is traded by day in Korea"),
        ("kisfeed watch index:0001 --url ws://127.0.0.1:21000 --duration 10s", "from 'kisfeed simulate'"),
        ("kisfeed watch index:0001 --wait --watchdog 5m --format json", "as a service that starts before the network does"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "the broker permanently refused the credentials, the session or a registration; run 'kisfeed doctor'"),
        (ExitCode.ConnectionLost, "the connection failed at the start or was lost permanently"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        var configuration = _connection.Read(Host, arguments, log, options => _run.ApplyTo(options, arguments));
        var targets = await ReadTargetsAsync(arguments, _connection.CatalogOf(Host, arguments), configuration.Options, cancellationToken);
        var format = arguments.GetChoice<WatchFormat>(_format);
        if (format == WatchFormat.Csv && targets.Any(t => t.Feed != targets[0].Feed))
            throw new CommandException("CSV has one header and so holds one feed: run one 'kisfeed watch' per feed, or use --format json");

        var options = ServiceSettings.Require(configuration);
        await using var output = CreateOutput(arguments, format, targets);
        await using var client = await _run.OpenAsync(Host, options, arguments, cancellationToken);
        if (output is LiveTicks live)
            live.Status = new LiveStatus(Host.Time, () => client.Sessions);
        var session = new WatchSession(client, targets, new FrameRecords(client.Catalog, new RecordWarnings(Host.Error)), output, new SessionStatusReporter(Host.Time, client.Sessions.Count), new StatusArea(Host, output)) { From = arguments.GetValue(_from) };
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
        throw new CommandException($"the connection could not be established: {client.Sessions[0].Problem}", ExitCode.ConnectionLost);
    }

    private async Task<WatchTarget[]> ReadTargetsAsync(ParseResult arguments, FeedCatalog catalog, KisFeedOptions options, CancellationToken cancellationToken)
    {
        var keys = new KeyResolver(await _instruments.ReadAsync(arguments, cancellationToken), Host.WriteMessage);
        var targets = arguments.GetRequiredValue(_targets).Select(text => WatchTarget.Parse(catalog, text, options.HtsId, keys)).ToArray();
        return [.. _dayTime.ApplyTo(arguments, targets).Select(target => target.On(options.Environment, catalog)).Distinct()];
    }

    private ITickOutput CreateOutput(ParseResult arguments, WatchFormat format, WatchTarget[] targets) => format switch
    {
        WatchFormat.Json => new JsonTicks(Host.DataOutput, arguments.GetChoice<NameStyle>(_names)),
        WatchFormat.Csv => new CsvTicks(Host, targets[0].Feed, arguments.GetChoice<NameStyle>(_names)),
        _ => TickOutputs.CreateForPeople(Host, targets, arguments.GetChoice<MarketColors>(_colors), isPlain: !Host.OutputIsTerminal),
    };
}
