using KisFeed.Cli.Diagnosis;
using KisFeed.Cli.Gateways;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed doctor</c>: checks step by step everything that a session needs, and says what is wrong and how to fix it.</summary>
internal sealed class DoctorCommand : KisFeedCommand
{
    private const string UsualTarget = "index:0001";
    private const string MockTarget = "notice";
    private const string MockTradeTarget = "trade-krx:005930";

    private readonly Argument<string?> _target = new("FEED:KEY")
    {
        Description =
            $"The feed and key to subscribe to. [{UsualTarget}; on mock the order notices of the configured HTS ID, or {MockTradeTarget}]",
        HelpName = "FEED:KEY",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly ConnectionOptions _connection = new();
    private readonly TextOrJsonOption _format = new("Text; or JSON, one object per finding and a last one for the result.");

    private readonly Option<TimeSpan?> _wait = CommonOptions.Duration(
        "--wait", $"How long to wait for the first frame. [{DurationText.Format(UsualWait)}]");

    public DoctorCommand(CommandHost host)
        : base(host, "doctor", "Check configuration, network, approval key, connection, a subscription and its first frame, and the clock; "
            + "say what is wrong and how to fix it. Connects once.")
    {
        _target.RefuseOptions();
        _target.CompletionSources.CompleteFeeds(":");
        Add(_target);
        _connection.AddTo(this);
        this.AddAll(_format, _wait);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed doctor", "the configured service, with KOSPI"),
        ("kisfeed doctor --env mock", "the mock service, with your order notices"),
        ("kisfeed doctor program:005930 --url ws://127.0.0.1:21000", "a simulator"),
        ("kisfeed doctor --format json | jq 'select(.status == \"failed\")'",
            "for scripts; not in a loop, because the broker blocks clients that reconnect repeatedly"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "the first frame cannot be read"),
        (ExitCode.Refused, "the broker refused the credentials, the session or the registration"),
        (ExitCode.ConnectionLost, "the service cannot be reached, or sends no data during trading hours"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    private static TimeSpan UsualWait => TimeSpan.FromSeconds(20);

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        await using Output<DoctorReport> output = _format.IsJson(arguments)
            ? new PlainOutput<DoctorReport>(Host.Output, report => report.ToJson())
            : new TextFindings(Host);
        await using var context = new DoctorContext(Host) { Wait = arguments.GetValue(_wait) ?? UsualWait };
        Check[] checks =
        [
            new ConfigurationCheck(
                () => _connection.Read(Host, arguments, log, options => options),
                _connection.HasEnvironment(arguments),
                options => TargetOf(arguments, options)),
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

    private static string UsualTargetOn(bool isMock, string? htsId) => isMock ? htsId is null ? MockTradeTarget : MockTarget : UsualTarget;

    private WatchTarget TargetOf(ParseResult arguments, KisFeedOptions options)
    {
        var isMock = options.Environment == KisEnvironment.Mock;
        var text = arguments.GetValue(_target);
        var catalog = _connection.CatalogOf(Host, arguments);
        return WatchTarget.Parse(
            catalog,
            text ?? UsualTargetOn(isMock, options.HtsId),
            options.HtsId,
            new KeyResolver(SimulatedInstruments.All, Host.WriteMessage))
            .On(options.Environment, catalog);
    }
}
