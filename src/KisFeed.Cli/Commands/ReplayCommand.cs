using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Replaying;
using KisFeed.Replay;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed replay</c>: what was recorded, in the broker's protocol or as lines.</summary>
internal sealed class ReplayCommand : KisFeedCommand
{
    private readonly Argument<string[]> _paths = new("FILE|DIR") { Description = "Files of a capture, and folders of them, put together by their times.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<double> _speed = ReplaySpeedOption.Create();
    private readonly Option<CaptureTime?> _from = CaptureTimeOption.Create("--from", "Leave out what was received before this: a time of day in Korea, such as 09:00, or 2026-11-20T09:00.");
    private readonly Option<CaptureTime?> _to = CaptureTimeOption.Create("--to", "Leave out what was received at this or later.");
    private readonly Option<int> _port = ListenOptions.Port("The TCP port of both WebSocket and REST; 0 takes a free one.");
    private readonly Option<string> _address = ListenOptions.Address("--address", "The IP address to listen at. The protocol is not encrypted: leave it on this machine unless the network is trusted.");
    private readonly Option<string[]> _origins = ListenOptions.Origins();

    private readonly Option<bool> _loop = new("--loop") { Description = "Begin again at the end." };
    private readonly Option<bool> _once = new("--once") { Description = "End when the shared clock has come to the end of the capture and clients have read everything." };
    private readonly Option<int?> _wait = new("--wait") { Description = "Begin when N registrations stand. Default: a second after the last of the first ones.", HelpName = "N" };
    private readonly Option<bool> _stdout = new("--stdout") { Description = "Write the frames, one a line, instead of serving them." };
    private readonly Option<string?> _appKey = new("--appkey") { Description = "The only app key that is valid. Default: any of plausible form.", HelpName = "KEY" };
    private readonly Option<string?> _appSecret = new("--appsecret") { Description = "The only app secret that is valid. Default: any of plausible form.", HelpName = "SECRET" };
    private readonly Option<string> _format = CommonOptions.Choice("--format", "What to print at the start: a guide, or one line of JSON for scripts.", GuideFormat.Text);
    private readonly Option<string> _log = CommonOptions.Log(LogLevel.Information);

    public ReplayCommand(CommandHost host)
        : base(host, "replay", "Send what was recorded again, in the broker's own protocol and with the time between frames, to any client in any language.")
    {
        _paths.RefuseOptions();
        _wait.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0))
                result.AddError($"'{token.Value}' is no number of registrations: 1 or more is expected.");
        });
        Validators.Add(result =>
        {
            if (result.GetValue(_loop) && result.GetValue(_once))
                result.AddError("--loop and --once exclude each other: a replay that begins again has no end.");
            foreach (var option in new Option[] { _port, _address, _origins, _once, _wait, _loop, _appKey, _appSecret })
            {
                if (result.GetValue(_stdout) && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} is for serving, which --stdout does not.");
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
        Add(_format);
        Add(_log);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed replay capture/2026-11-20", "a day as it was, at the broker's own port, on this machine"),
        ("kisfeed replay capture/2026-11-20 --speed 10 --from 09:00 --to 10:30", "an hour and a half in nine minutes"),
        ("kisfeed replay capture --port 0 --format json --speed max --wait 3 --once", "for a test: begins with the third registration, ends at the end"),
        ("kisfeed replay capture --stdout --speed max | kisfeed decode", "without a server"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.MalformedData, "--stdout: parts of the capture could not be read or written; the rest was"),
        (ExitCode.Interrupted, "--once or --stdout: interrupted before the end"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var capture = Open(arguments);
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
            // The ordinary end of a server, from the moment it listens.
        }

        return ExitCode.Success;
    }

    private CaptureReader Open(ParseResult arguments)
    {
        CaptureTimeOption.RefuseContradiction(arguments.GetValue(_from), arguments.GetValue(_to));
        try
        {
            var bounds = CaptureReaderOptions.Default with { From = arguments.GetValue(_from), To = arguments.GetValue(_to) };
            return CaptureReader.Open(arguments.GetRequiredValue(_paths), bounds);
        }
        catch (CaptureException e)
        {
            throw new CommandException(e.Message, e);
        }
    }

    private async Task AnnounceAsync(ReplayServer server, ReplayOptions options, GuideFormat format, CancellationToken cancellationToken)
    {
        if (format == GuideFormat.Text)
        {
            await using var output = Host.OpenText();
            ReplayGuide.Write(output, server, options);
            return;
        }

        using var lines = new JsonLines(Host.Output);
        var json = lines.Begin();
        AddressJson.WriteMembers(json, server.RestUrl, server.WebSocketUrl);
        lines.End();
        await lines.FlushAsync(cancellationToken);
    }
}
