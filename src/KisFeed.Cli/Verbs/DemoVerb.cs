using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Records;
using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using KisFeed.Feeds;
using KisFeed.Gateway;
using KisFeed.Simulator;

namespace KisFeed.Cli.Verbs;

/// <summary><c>kisfeed demo</c>: a simulator and a client in one process, over a real socket, with nothing to set up.</summary>
internal sealed class DemoVerb : Verb
{
    private const string HtsId = "DEMO";

    private static readonly string[] s_targets =
    [
        "index:0001", "index:1001", "index:2001",
        "bond:KR103502GA34", "bond:KR103501GG62", "bond:KR103501GF63",
        "program-nxt:005930", "program-nxt:000660", "program-nxt:005380", "program-nxt:035420",
        "program:005930", "program:000660", "program:005380", "program:035420",
        $"notice:{HtsId}",
    ];

    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time. Default: when it is interrupted.");
    private readonly Option<int> _seed = new("--seed") { Description = "What the market is made from: the same seed, the same market.", HelpName = "N", DefaultValueFactory = _ => 7 };
    private readonly Option<double> _rate = Rate.Option("Market events a second, over all feeds; max for as many as the machine manages.");
    private readonly Option<bool> _plain = new("--plain") { Description = "A line a tick instead of a table that lives on the terminal. Done by itself where output is no terminal." };
    private readonly Option<string> _colors = CommonOptions.Colors();

    public DemoVerb(CommandHost host)
        : base(host, "demo", "See all five feeds at once with nothing to set up: a simulator and a client in one process, over a real socket.")
    {
        Add(_duration);
        Add(_seed);
        Add(_rate);
        Add(_plain);
        Add(_colors);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed demo", "a table that lives until Ctrl-C"),
        ("kisfeed demo --duration 10s --plain", "ten seconds of ticks, a line each"),
        ("kisfeed demo --rate 1000 --seed 42", "another market, and a busy one"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var credentials = ConsumerCredentials.Create();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions
            {
                Seed = arguments.GetValue(_seed),
                Rate = arguments.GetValue(_rate),
                AppKey = credentials.AppKey,
                AppSecret = credentials.AppSecret,
                HtsId = HtsId,
                TimeProvider = Host.Time,
            },
            cancellationToken);
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions { AppKey = credentials.AppKey, AppSecret = credentials.AppSecret, WebSocketUrl = server.WebSocketUrl, TimeProvider = Host.Time },
            cancellationToken);

        WatchTarget[] targets = [.. s_targets.Select(text => WatchTarget.Parse(KisFeeds.Catalog, text, HtsId))];
        var isPlain = arguments.GetValue(_plain) || !Host.OutputIsTerminal;
        await using var output = TickOutputs.CreateForPeople(Host, targets, arguments.GetChoice<MarketColors>(_colors), isPlain);
        var session = new WatchSession(client, targets, new FrameRecords(client.Catalog, new UnknownWidths(Host.Error)), output, new SessionNews(Host.Time, client.Sessions.Count), new BulletinBoard(Host, output));
        var start = Host.Time.GetTimestamp();
        await TickOutputs.RunAsync(Host, output, session, count: null, arguments.GetValue(_duration), cancellationToken);
        await Host.Error.WriteLineAsync($"{session.Count:N0} records in {Host.Time.GetElapsedTime(start).TotalSeconds:N1} s from a simulated market; 'kisfeed simulate' serves it to other programs.");
        return ExitCode.Success;
    }
}
