namespace KisFeed.Cli.Options;

/// <summary>The options that <c>watch</c> and <c>record</c> share: how long to run, and what to do without a connection.</summary>
internal sealed class RunOptions
{
    private readonly Option<long?> _count;
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time.");
    private readonly SwitchOption _wait = new("--wait",
        "Keep trying if the service cannot be reached, or cannot register a key, at the start, instead of ending.");
    private readonly SwitchOption _noReconnect = new("--no-reconnect",
        "End when the connection is lost, instead of reconnecting and restoring the registrations.");
    private readonly Option<TimeSpan?> _giveUp = GiveUpAfter();
    private readonly Option<TimeSpan?> _watchdog = CommonOptions.Duration("--watchdog", "Reconnect when neither data nor a heartbeat has "
        + "arrived for this time. Must be longer than the heartbeat interval. "
        + $"[{DurationText.Format(new KisFeedOptions().WatchdogTimeout)}]");

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
        "End when the service has been unreachable, or has refused the session, for this time. [keep trying, ever more rarely]");

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
