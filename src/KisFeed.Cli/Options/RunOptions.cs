namespace KisFeed.Cli.Options;

/// <summary>The options that <c>watch</c> and <c>record</c> share: how long to run, and what to do without a connection.</summary>
internal sealed class RunOptions
{
    private readonly Option<long?> _count;
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("--duration", UiText.Of("End after this time.", "이 시간이 지나면 종료."));
    private readonly SwitchOption _wait = new("--wait",
        UiText.Of(
            "Keep trying if the service cannot be reached, or cannot register a key, at the start, instead of ending.",
            "시작할 때 접속이나 등록이 안 되어도 끝내지 않고 계속 시도."));
    private readonly SwitchOption _noReconnect = new("--no-reconnect",
        UiText.Of("End when the connection is lost, instead of reconnecting and restoring the registrations.", "연결이 끊기면 다시 접속하지 않고 종료."));
    private readonly Option<TimeSpan?> _giveUp = GiveUpAfter();
    private readonly Option<TimeSpan?> _watchdog = CommonOptions.Duration("--watchdog", UiText.Of(
        "Reconnect when neither data nor a heartbeat has arrived for this time. Must be longer than the heartbeat interval. "
            + $"[{DurationText.Format(new KisFeedOptions().WatchdogTimeout)}]",
        $"이 시간 동안 데이터도 PINGPONG도 오지 않으면 다시 접속. PINGPONG 간격보다 길어야 합니다. [{DurationText.Format(new KisFeedOptions().WatchdogTimeout)}]"));

    public RunOptions(string count) => _count = CommonOptions.Count<long>("--count", count);

    public void AddTo(Command command)
    {
        command.AddAll(_count, _duration, _wait, _noReconnect, _giveUp, _watchdog);
        command.Exclude(_wait, _noReconnect);
        command.Exclude(_giveUp, _noReconnect);
    }

    /// <summary><c>--give-up-after</c>: when a command that has lost its connection ends.</summary>
    public static Option<TimeSpan?> GiveUpAfter() => CommonOptions.Duration(
        "--give-up-after",
        UiText.Of(
            "End when the service has been unreachable, or has refused the session, for this time. [keep trying, ever more rarely]",
            "이 시간 동안 계속 접속하지 못하거나 세션이 거부되면 종료. [점점 드물게 계속 시도]"));

    public long? CountOf(ParseResult arguments) => arguments.GetValue(_count);

    public TimeSpan? DurationOf(ParseResult arguments) => arguments.GetValue(_duration);

    public KisFeedOptions ApplyTo(KisFeedOptions options, ParseResult arguments) => options with
    {
        WatchdogTimeout = arguments.GetValue(_watchdog) ?? options.WatchdogTimeout,
        Reconnect = arguments.GetValue(_noReconnect)
            ? ReconnectPolicy.Never
            : options.Reconnect with { GiveUpAfter = arguments.GetValue(_giveUp) ?? options.Reconnect.GiveUpAfter },
    };

    /// <summary>Whether to keep trying what fails at the start.</summary>
    public bool Waits(ParseResult arguments) => arguments.GetValue(_wait);

    /// <summary>Connects, or with <c>--wait</c> starts to connect.</summary>
    public async Task<KisFeedClient> OpenAsync(
        CommandHost host, KisFeedOptions options, ParseResult arguments, CancellationToken cancellationToken) =>
        Waits(arguments) ? KisFeedClient.Start(options) : await ConnectionOptions.ConnectAsync(host, options, cancellationToken);
}
