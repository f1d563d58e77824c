using KisFeed.Capture;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Replaying;
using KisFeed.Simulator.Replay;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed replay</c>: serves a capture in the broker's protocol, or writes its frames as lines.</summary>
internal sealed class ReplayCommand : KisFeedCommand
{
    private readonly Argument<string[]> _paths =
        new("FILE|DIR") { Description = "Capture files and folders of them, merged by time.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<double> _speed = SimulatorCommandOptions.ReplaySpeed(
        "The speed, as a multiple of the original; max for as fast as the slowest client accepts frames.");

    private readonly Option<CaptureTime?> _from = CaptureTimeOption.Create(
        "--from", "Skip frames received before this: a time of day in Korea, such as 09:00, or 2026-11-20T09:00.");
    private readonly Option<CaptureTime?> _to = CaptureTimeOption.Create("--to", "Skip frames received at this time or later.");
    private readonly Option<int> _port = ListenOptions.Port("The TCP port of both WebSocket and REST; 0 uses a free port.");
    private readonly Option<string> _address = ListenOptions.Address();
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly SwitchOption _loop = new("--loop", "Start again at the end.");
    private readonly SwitchOption _once = new("--once",
        "End when the shared clock has reached the end of the capture and clients have read everything.");
    private readonly Option<int?> _wait = ParsedOption.Create<int>(
        "--wait",
        "N",
        "Start when there are N registrations. [one second after the last of the first registrations]",
        ParsedOption.TryParseCount,
        text => $"'{text}' is not a valid number of registrations. Use 1 or more.");

    private readonly SwitchOption _stdout = new("--stdout", "Write the frames, one per line, instead of serving them.");
    private readonly ValueOption<string?> _appKey = new("--appkey", "KEY", "The only valid app key. [any of plausible form]");
    private readonly ValueOption<string?> _appSecret = new("--appsecret", "SECRET", "The only valid app secret. [any of plausible form]");
    private readonly CompatibilityOptions _compatibility = new();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ChoiceOption<LogLevel> _log = CommonOptions.Log(LogLevel.Information);

    public ReplayCommand(CommandHost host)
        : base(host, "replay",
            "Replay a capture in the broker's protocol, with the original time between frames, to any client in any language.")
    {
        _paths.RefuseOptions();
        Option[] serving = [_port, _address, _origins, _loop, _once, _wait, _appKey, _appSecret, .. _compatibility.All];
        this.AddAll([_paths, _speed, _from, _to, _stdout, .. serving, _format, _log]);
        this.Exclude(_loop, _once, ": a replay that starts again has no end");
        Validators.Add(result =>
        {
            foreach (var option in serving.Where(option => result.GetValue(_stdout) && result.IsGiven(option)))
                result.AddError($"{option.Name} cannot be used with --stdout, which serves nothing.");
        });
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed replay capture/2026-11-20", "a day at original speed, on the broker's port, for this machine"),
        ("kisfeed replay capture/2026-11-20 --speed 10 --from 09:00 --to 10:30", "an hour and a half in nine minutes"),
        ("kisfeed replay capture --port 0 --format json --speed max --wait 3 --once",
            "for a test: starts with the third registration, ends with the capture"),
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

        using var log = new HostLog(Host, _log.Read(arguments));
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
        await using var server = await ServerStart.RunAsync(
            () => ReplayServer.StartAsync(options, cancellationToken), options.Port, options.Address);
        try
        {
            await _format.WriteAsync(
                Host,
                arguments,
                text => ReplayGuide.Write(text, server, options),
                () => Announcement.LineOf(server.RestUrl, server.WebSocketUrl),
                cancellationToken);
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
        var bounds = CaptureReaderOptions.Default with { From = arguments.GetValue(_from), To = arguments.GetValue(_to) };
        return ReadReport.WriteSkipped(Host, CaptureReader.Open(arguments.GetRequiredValue(_paths), bounds, cancellationToken));
    }
}
