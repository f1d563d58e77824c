using System.CommandLine;
using KisFeed.Cli.Diagnosis;
using KisFeed.Cli.Gateways;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed doctor</c>: looks step by step at all that a session needs, and says what is wrong and what to do.</summary>
internal sealed class DoctorCommand : KisFeedCommand
{
    private const string UsualTarget = "index:0001";
    private const string MockTarget = "notice";

    private readonly Argument<string?> _target = new("FEED:KEY")
    {
        Description = $"What to subscribe to. Default: {UsualTarget}; on mock, which has nothing else, the order notices of the HTS ID that is configured.",
        HelpName = "FEED:KEY",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ConnectionOptions _connection = new();
    private readonly Option<string> _format = CommonOptions.Choice("--format", "Text, or JSON, an object a finding and a last one for the result.", ReportFormat.Text);
    private readonly Option<TimeSpan?> _wait = CommonOptions.Duration("--wait", "How long to wait for the first frame. Default: 20s.");

    public DoctorCommand(CommandHost host)
        : base(host, "doctor", "Check configuration, network, approval key, connection, a subscription and its first frame, and the clock; say what is wrong and what to do. Makes one connection, once.")
    {
        _target.RefuseOptions();
        _target.CompletionSources.CompleteFeeds(":");
        Add(_target);
        _connection.AddTo(this);
        Add(_format);
        Add(_wait);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed doctor", "the service that is configured, by KOSPI"),
        ("kisfeed doctor --env mock", "the mock service, by your order notices"),
        ("kisfeed doctor program:005930 --url ws://127.0.0.1:21000", "a simulator"),
        ("kisfeed doctor --format json | jq 'select(.status == \"failed\")'", "for scripts: not in a loop, the broker blocks who connects and drops"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "the first frame cannot be read"),
        (ExitCode.Refused, "the broker refused the credentials, the session or the registration"),
        (ExitCode.ConnectionLost, "the service cannot be reached, or sends nothing although it should"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    private static TimeSpan UsualWait => TimeSpan.FromSeconds(20);

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        await using var output = CreateOutput(arguments);
        await using var context = new DoctorContext(Host) { Wait = arguments.GetValue(_wait) ?? UsualWait };
        ICheck[] checks =
        [
            new ConfigurationCheck(() => _connection.Read(Host, arguments, log, options => options), _connection.HasEnvironment(arguments), options => TargetOf(arguments, options)),
            new NetworkCheck(),
            new ConnectionCheck(),
            new SubscriptionCheck(),
            new FirstFrameCheck(),
            new DecodingCheck(),
            new ClockCheck(),
            new HeartbeatCheck(),
        ];
        return await new DoctorRunner(Host, checks, output).RunAsync(context, cancellationToken);
    }

    private WatchTarget? TargetOf(ParseResult arguments, KisFeedOptions options)
    {
        var isMock = options.Environment == KisEnvironment.Mock;
        var text = arguments.GetValue(_target);
        if (text is null && isMock && options.HtsId is null)
            return null;
        var catalog = _connection.CatalogOf(arguments);
        return WatchTarget.Parse(catalog, text ?? (isMock ? MockTarget : UsualTarget), options.HtsId, new KeyResolver(SimulatedInstruments.All, Host.Tell)).On(options.Environment, catalog);
    }

    private IFindingOutput CreateOutput(ParseResult arguments) =>
        arguments.GetChoice<ReportFormat>(_format) == ReportFormat.Json ? new JsonFindings(Host.Output) : new TextFindings(Host);
}
