using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed watch</c>: shows feeds live, for people and for programs.</summary>
internal sealed class WatchCommand : KisFeedCommand
{
    private readonly TargetArguments _targets;
    private readonly ConnectionOptions _connection = new();
    private readonly Option<string> _format = CommonOptions.Format(
        "A table, live on a terminal and one line per tick elsewhere; JSON, one object per line; or CSV.", "table", "json", "csv");

    private readonly ChoiceOption<NameStyle> _names = CommonOptions.Names();
    private readonly Option<HistoryStart?> _from = new("--from")
    {
        Description = $"Begin in the recorded data of a gateway: {HistoryStart.Forms}. Live data follow. [only live data]",
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (HistoryStart.TryParse(result.Tokens[0].Value, out var start))
                return start;
            result.AddError($"'{result.Tokens[0].Value}' is not valid. Use {HistoryStart.Forms}.");
            return null;
        },
    };

    private readonly RunOptions _run = new("End after this many records.");
    private readonly ChoiceOption<MarketColors> _colors = CommonOptions.Colors();

    public WatchCommand(CommandHost host)
        : base(host, "watch", "Watch feeds live, from the broker or a simulator; gaps and malformed frames are shown in their places.")
    {
        _targets = new TargetArguments("watch", _connection.Masters);
        Add(_targets.Targets);
        _connection.AddTo(this);
        this.AddAll([.. _targets.Options, _format, _names, _from]);
        _run.AddTo(this);
        Add(_colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed watch index:0001 index:1001",
            "KOSPI and KOSDAQ, live; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml"),
        ("kisfeed watch index:0001 --url wss://gateway.example:21000 --client-certificate client.pem",
            "from a gateway that requires client certificates"),
        ("kisfeed watch H0BJCNT0:KR103502GA34 program-nxt:005930 notice --format json",
            "three feeds for another program; order notices of KISFEED_HTSID or my_htsid"),
        ("kisfeed watch index:0001 --format csv --count 1000 > kospi.csv", "a thousand records for a spreadsheet"),
        ("kisfeed watch index:0001 --from 09:00 --url ws://127.0.0.1:21000",
            "today since 09:00, then live, from a gateway that records ('kisfeed gateway --record DIR')"),
        ("kisfeed watch program:005930 --from -15m --format json --url ws://127.0.0.1:21000", "the last 15 minutes, then live"),
        ("kisfeed watch us:애플 --masters masters", "a name in place of a key, from the broker's master files in a folder"),
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
        throw new CommandException($"the connection could not be established: {client.Sessions[0].Problem}", ExitCode.ConnectionLost);
    }
}
