using System.CommandLine;
using System.Globalization;
using KisFeed.Cli.Hosting;
using KisFeed.Wire;

namespace KisFeed.Cli.Options;

/// <summary>The options that <c>watch</c> and <c>record</c> share: how long to run, and what to do without a connection.</summary>
internal sealed class RunOptions
{
    private readonly Option<long?> _count;
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time.");
    private readonly Option<bool> _wait = new("--wait") { Description = "Keep trying if the service cannot be reached at the start, instead of ending." };
    private readonly Option<bool> _noReconnect = new("--no-reconnect") { Description = "End when the connection is lost, instead of reconnecting and restoring the registrations." };
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
        });
        command.Add(_count);
        command.Add(_duration);
        command.Add(_wait);
        command.Add(_noReconnect);
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
        Reconnect = arguments.GetValue(_noReconnect) ? ReconnectPolicy.Never : options.Reconnect,
    };

    /// <summary>Connects, or with <c>--wait</c> starts to connect.</summary>
    public async Task<KisFeedClient> OpenAsync(CommandHost host, KisFeedOptions options, ParseResult arguments, CancellationToken cancellationToken) =>
        arguments.GetValue(_wait) ? KisFeedClient.Start(options) : await ConnectionOptions.ConnectAsync(host, options, cancellationToken);
}
