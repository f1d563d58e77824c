using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Replaying;
using KisFeed.Replay;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed replay</c>: serves a capture in the broker's protocol, or writes its frames as lines.</summary>
internal sealed class ReplayCommand : KisFeedCommand
{
    private readonly Argument<string[]> _paths = new("FILE|DIR") { Description = "Capture files and folders of them, merged by time.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<double> _speed = ReplaySpeedOption.Create();
    private readonly Option<CaptureTime?> _from = CaptureTimeOption.Create("--from", "Skip frames received before this: a time of day in Korea, such as 09:00, or 2026-11-20T09:00.");
    private readonly Option<CaptureTime?> _to = CaptureTimeOption.Create("--to", "Skip frames received at this time or later.");
    private readonly Option<int> _port = ListenOptions.Port("The TCP port of both WebSocket and REST; 0 uses a free port.");
    private readonly Option<string> _address = ListenOptions.Address("--address", "The IP address to listen on. The protocol is not encrypted: use this machine's unless the network is trusted.");
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly Option<bool> _loop = new("--loop") { Description = "Start again at the end." };
    private readonly Option<bool> _once = new("--once") { Description = "End when the shared clock has reached the end of the capture and clients have read everything." };
    private readonly Option<int?> _wait = new("--wait") { Description = "Start when there are N registrations. [one second after the last of the first registrations]", HelpName = "N" };
    private readonly Option<bool> _stdout = new("--stdout") { Description = "Write the frames, one per line, instead of serving them." };
    private readonly Option<string?> _appKey = new("--appkey") { Description = "The only valid app key. [any of plausible form]", HelpName = "KEY" };
    private readonly Option<string?> _appSecret = new("--appsecret") { Description = "The only valid app secret. [any of plausible form]", HelpName = "SECRET" };
    private readonly CompatibilityOptions _compatibility = new();
    private readonly Option<string> _format = CommonOptions.Choice("--format", "What to print at the start: a guide, or one line of JSON for scripts.", GuideFormat.Text);
    private readonly Option<string> _log = CommonOptions.Log(LogLevel.Information);

    public ReplayCommand(CommandHost host)
        : base(host, "replay", "Replay a capture in the broker's protocol, with the original time between frames, to any client in any language.")
    {
        _paths.RefuseOptions();
        _wait.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0))
                result.AddError($"'{token.Value}' is not a valid number of registrations. Use 1 or more.");
        });
        Validators.Add(result =>
        {
            if (result.GetValue(_loop) && result.GetValue(_once))
                result.AddError("--loop and --once cannot be used together: a replay that starts again has no end.");
            foreach (var option in (Option[])[_port, _address, _origins, _once, _wait, _loop, _appKey, _appSecret, .. _compatibility.All])
            {
                if (result.GetValue(_stdout) && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} cannot be used with --stdout, which serves nothing.");
            }
        });
        Add(_paths);
        Add(_speed);
        Add(_from);
        Add(_to);
        Add(_port);
        Add(_address);
        Add(_origins);
        Add(_loop);
        Add(_once);
        Add(_wait);
        Add(_stdout);
        Add(_appKey);
        Add(_appSecret);
        _compatibility.AddTo(this);
        Add(_format);
        Add(_log);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed replay capture/2026-11-20", "a day at original speed, on the broker's port, for this machine"),
        ("kisfeed replay capture/2026-11-20 --speed 10 --from 09:00 --to 10:30", "an hour and a half in nine minutes"),
        ("kisfeed replay capture --port 0 --format json --speed max --wait 3 --once", "for a test: starts with the third registration, ends with the capture"),
        ("kisfeed replay capture --stdout --speed max | kisfeed decode", "without a server"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "--stdout: parts of the capture could not be read or written; the rest was written"),
        (ExitCode.Interrupted, "--once or --stdout: interrupted before the end"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var capture = Open(arguments, cancellationToken);
        if (arguments.GetValue(_stdout))
            return await new FrameLines(Host, capture, arguments.GetValue(_speed)).WriteAsync(cancellationToken);

        using var log = new HostLog(Host, arguments.GetChoice<LogLevel>(_log));
        var options = new ReplayOptions
        {
            Capture = capture,
            Port = arguments.GetValue(_port),
            Address = arguments.GetRequiredValue(_address),
            AllowedOrigins = arguments.GetValue(_origins) ?? [],
            Speed = arguments.GetValue(_speed),
            From = arguments.GetValue(_from),
            To = arguments.GetValue(_to),
            Loop = arguments.GetValue(_loop),
            Wait = arguments.GetValue(_wait),
            AppKey = arguments.GetValue(_appKey),
            AppSecret = arguments.GetValue(_appSecret),
            Revision = _compatibility.RevisionOf(arguments),
            AesPerRegistration = _compatibility.UsesAesPerRegistration(arguments),
            TimeProvider = Host.Time,
            LoggerFactory = log,
        };
        await using var server = await ServerStart.RunAsync(() => ReplayServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        try
        {
            await AnnounceAsync(server, options, arguments.GetChoice<GuideFormat>(_format), cancellationToken);
            var status = new ReplayStatus(Host.Time, () => (server.Statistics.Position, server.Statistics.FramesSent));
            using var progress = new Progress(Host, status.Next, besideOutput: true);
            await server.Ended.WaitAsync(cancellationToken);
            if (arguments.GetValue(_once))
                await server.StopAsync(options.SlowClientLimit).WaitAsync(cancellationToken);
            else
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException) when (!arguments.GetValue(_once))
        {
            // The normal end of a server, once it listens.
        }

        return ExitCode.Success;
    }

    private CaptureReader Open(ParseResult arguments, CancellationToken cancellationToken)
    {
        CaptureTimeOption.RejectEmptyRange(arguments.GetValue(_from), arguments.GetValue(_to));
        try
        {
            var bounds = CaptureReaderOptions.Default with { From = arguments.GetValue(_from), To = arguments.GetValue(_to) };
            return ReadReport.WriteSkipped(Host, CaptureReader.Open(arguments.GetRequiredValue(_paths), bounds, cancellationToken));
        }
        catch (CaptureException e)
        {
            throw new CommandException(e.Message, e);
        }
    }

    private Task AnnounceAsync(ReplayServer server, ReplayOptions options, GuideFormat format, CancellationToken cancellationToken)
    {
        if (format == GuideFormat.Text)
            return Announcement.WriteTextAsync(Host, output => ReplayGuide.Write(output, server, options));
        return Announcement.WriteJsonAsync(Host, server.RestUrl, server.WebSocketUrl, cancellationToken);
    }
}
