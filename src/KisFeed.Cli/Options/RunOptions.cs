using System.CommandLine.Parsing;

namespace KisFeed.Cli.Options;

/// <summary>The options that <c>watch</c> and <c>record</c> share: how long to run, and what to do without a connection.</summary>
internal sealed class RunOptions
{
    private readonly Option<long?> _count;
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time.");
    private readonly Option<bool> _wait = new("--wait") { Description = "Keep trying if the service cannot be reached, or cannot register a key, at the start, instead of ending." };
    private readonly Option<bool> _noReconnect = new("--no-reconnect") { Description = "End when the connection is lost, instead of reconnecting and restoring the registrations." };
    private readonly GiveUpOption _giveUp = new();
    private readonly Option<TimeSpan?> _watchdog = CommonOptions.Duration("--watchdog", $"Reconnect when neither data nor a heartbeat has arrived for this time. Must be longer than the heartbeat interval. [{DurationText.Format(new KisFeedOptions().WatchdogTimeout)}]");

    /// <summary>Creates the options.</summary>
    /// <param name="count">The description of <c>--count</c>, which says what is counted.</param>
    public RunOptions(string count)
    {
        _count = new("--count") { Description = count, HelpName = "N" };
        _count.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
                result.AddError($"'{token.Value}' is not a valid count. Use a whole number above 0.");
        });
    }

    /// <summary>Adds these options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetValue(_wait) && result.GetValue(_noReconnect))
                result.AddError("--wait and --no-reconnect cannot be used together.");
            if (result.GetValue(_noReconnect) && _giveUp.IsGiven(result))
                result.AddError("--give-up-after and --no-reconnect cannot be used together.");
        });
        command.Add(_count);
        command.Add(_duration);
        command.Add(_wait);
        command.Add(_noReconnect);
        _giveUp.AddTo(command);
        command.Add(_watchdog);
    }

    /// <summary>Returns the count to end after; <see langword="null"/> for none.</summary>
    public long? CountOf(ParseResult arguments) => arguments.GetValue(_count);

    /// <summary>Returns the time to end after; <see langword="null"/> for none.</summary>
    public TimeSpan? DurationOf(ParseResult arguments) => arguments.GetValue(_duration);

    /// <summary>Returns the client's options with the values from the command line.</summary>
    public KisFeedOptions ApplyTo(KisFeedOptions options, ParseResult arguments) => options with
    {
        WatchdogTimeout = arguments.GetValue(_watchdog) ?? options.WatchdogTimeout,
        Reconnect = arguments.GetValue(_noReconnect) ? ReconnectPolicy.Never : _giveUp.ApplyTo(options.Reconnect, arguments),
    };

    /// <summary>Whether to keep trying what fails at the start.</summary>
    public bool Waits(ParseResult arguments) => arguments.GetValue(_wait);

    /// <summary>Connects, or with <c>--wait</c> starts to connect.</summary>
    public async Task<KisFeedClient> OpenAsync(CommandHost host, KisFeedOptions options, ParseResult arguments, CancellationToken cancellationToken) =>
        Waits(arguments) ? KisFeedClient.Start(options) : await ConnectionOptions.ConnectAsync(host, options, cancellationToken);
}

/// <summary><c>--give-up-after</c>: when a command that has lost its connection ends.</summary>
internal sealed class GiveUpOption
{
    private readonly Option<TimeSpan?> _giveUp = CommonOptions.Duration("--give-up-after", "End when the service has been unreachable, or has refused the session, for this time. [keep trying, ever more rarely]");

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_giveUp);

    /// <summary>Whether the command line has it.</summary>
    public bool IsGiven(SymbolResult result) => result.GetValue(_giveUp) is not null;

    /// <summary>Returns the policy with the time, if one is given.</summary>
    public ReconnectPolicy ApplyTo(ReconnectPolicy policy, ParseResult arguments) => policy with { GiveUpAfter = arguments.GetValue(_giveUp) ?? policy.GiveUpAfter };
}
