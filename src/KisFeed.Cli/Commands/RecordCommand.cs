using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Gateways;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Recording;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed record</c>: feeds into capture files, as they come.</summary>
internal sealed class RecordCommand : KisFeedCommand
{
    private readonly Argument<string[]> _targets = new("FEED:KEY")
    {
        Description = "What to record: a TR ID or an alias, in any case, and a key, e.g. index:0001 or H0BJCNT0:KR103502GA34. 'notice' alone takes the HTS ID that is configured, and needs --notices.",
        HelpName = "FEED:KEY",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _folder = new("--dir") { Description = "The folder to record into; made where it is missing, gone on with where it is not.", HelpName = "DIR", DefaultValueFactory = _ => "capture" };
    private readonly Option<bool> _notices = new("--notices") { Description = "Record order notices too, decrypted, in files that only you can read. They hold account numbers, orders and fills." };
    private readonly Option<string> _format = CommonOptions.Choice("--format", "How to tell how it is getting on: text, or JSON, an object a line after each flush and each second.", ReportFormat.Text);
    private readonly ConnectionOptions _connection = new();
    private readonly Option<TimeSpan?> _flush = CommonOptions.Duration("--flush", "What was received is on the disk after this time at the latest. Default: 1s, at most 60s.");
    private readonly Option<long?> _maxFileSize = new("--max-file-size") { Description = "The size at which a file is closed and the next one begun. Default: 64M, at least 64K.", HelpName = "64M|1G" };
    private readonly RetentionOptions _retention = new();
    private readonly Option<long?> _count = new("--count") { Description = "End after this many frames; those that come with the last one are recorded too.", HelpName = "N" };
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration("End after this time.");
    private readonly Option<bool> _wait = new("--wait") { Description = "Keep trying where the service cannot be reached at the start, instead of ending." };
    private readonly Option<bool> _noReconnect = new("--no-reconnect") { Description = "End when the connection is lost, instead of connecting again and restoring what was recorded." };
    private readonly Option<TimeSpan?> _watchdog = CommonOptions.Duration("--watchdog", "Connect anew when nothing at all, data or heartbeat, has arrived for this time. Longer than the service's heartbeats are apart. Default: 120s.");

    public RecordCommand(CommandHost host)
        : base(host, "record", "Record feeds into files that nothing takes away again: gzip text, a line a frame, with gaps and other events in their places.")
    {
        _targets.RefuseOptions();
        _targets.CompletionSources.CompleteFeeds(":");
        _maxFileSize.CustomParser = result =>
        {
            if (ByteSize.TryParse(result.Tokens[0].Value, out var size) && size >= 1 << 16)
                return size;
            result.AddError($"'{result.Tokens[0].Value}' is no size of a file: a number and a unit are expected, as in 512K, 64M or 1G, and at least 64K.");
            return null;
        };
        _count.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0))
                result.AddError($"'{token.Value}' is no count: a whole number above 0 is expected.");
        });
        _flush.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() > TimeSpan.FromMinutes(1))
                result.AddError("--flush is at most 60s: what is not flushed is lost when the machine loses power.");
        });
        Validators.Add(result =>
        {
            if (result.GetValue(_wait) && result.GetValue(_noReconnect))
                result.AddError("--wait and --no-reconnect contradict each other: use one of them.");
        });
        Add(_targets);
        Add(_folder);
        Add(_notices);
        Add(_format);
        _connection.AddTo(this);
        Add(_flush);
        Add(_maxFileSize);
        _retention.AddTo(this);
        Add(_count);
        Add(_duration);
        Add(_wait);
        Add(_noReconnect);
        Add(_watchdog);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed record index:0001 index:1001 program:005930", "into ./capture until Ctrl-C; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml"),
        ("kisfeed record H0BJCNT0:KR103502GA34 --dir /data/capture --wait --format json", "as a service that starts before the network does"),
        ("kisfeed record notice index:0001 --notices", "order notices of KISFEED_HTSID or my_htsid too"),
        ("kisfeed record index:0001 --dir /data/capture --keep-days 90 --max-size 50G", "captures older than 90 days, or beyond 50 GB, are deleted"),
        ("kisfeed record index:0001 --url ws://127.0.0.1:21000 --duration 10s", "from 'kisfeed simulate'"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "the broker refused the credentials, the session or a registration for good; 'kisfeed doctor' says more"),
        (ExitCode.ConnectionLost, "the connection could not be made at the start, or was lost for good; what came before is recorded"),
        (ExitCode.DataLost, "data are lost because the disk was full, gone or too slow; the rest is recorded, and gaps stand where frames are missing"),
        (ExitCode.Interrupted, "interrupted before anything was registered; later, Ctrl-C is an ordinary end"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        var configuration = _connection.Read(Host, arguments, log, options => options with
        {
            WatchdogTimeout = arguments.GetValue(_watchdog) ?? options.WatchdogTimeout,
            Reconnect = arguments.GetValue(_noReconnect) ? ReconnectPolicy.Never : options.Reconnect,
        });
        var targets = ReadTargets(arguments, _connection.CatalogOf(arguments), configuration.Options);
        var options = ServiceSettings.Require(configuration);
        var folder = arguments.GetRequiredValue(_folder);
        await using var client = arguments.GetValue(_wait) ? KisFeedClient.Start(options) : await ConnectionOptions.ConnectAsync(Host, options, cancellationToken);
        await using var recorder = Start(client, arguments, folder, log);
        await using var output = new BestEffortOutput(Host, arguments.GetChoice<ReportFormat>(_format) == ReportFormat.Json ? new JsonRecording(Host) : new TextRecording(Host, folder));
        foreach (var found in recorder.Recovered)
            Host.Tell($"kisfeed: {TextOf(found)}");
        Host.Tell($"kisfeed: recording {targets.Length} {(targets.Length == 1 ? "registration" : "registrations")} into {folder}");

        using var timeout = new CancellationTokenSource(arguments.GetValue(_duration) ?? Timeout.InfiniteTimeSpan, Host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var session = new RecordSession(Host, client, recorder, targets, output, new DiskStatusReporter(folder, Host.Time));
        var end = await session.RunAsync(arguments.GetValue(_count), ending.Token);
        RequireRegistration(session, client, cancellationToken);
        return end.Dropped + end.Lost + end.LostFiles > 0 ? ExitCode.DataLost : ExitCode.Success;
    }

    // A time that is over is an ordinary end, but not where there was nothing to record in it.
    private static void RequireRegistration(RecordSession session, KisFeedClient client, CancellationToken cancellationToken)
    {
        if (session.HasRegistered)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        var what = client.Sessions.Any(s => s.Connections > 0) ? "nothing was registered, so nothing is recorded" : "no connection came about";
        throw new CommandException($"{what}: {client.Sessions[0].Problem ?? "the server has not answered yet"}", ExitCode.ConnectionLost);
    }

    private static string TextOf(CaptureRecovery found) => found switch
    {
        { Problem: { } problem } => $"{found.Path} cannot be put in order and is left as it is: {problem}",
        { IsDamaged: true } => $"{found.Path} is damaged and left as it is; recording goes on in another file",
        { IsRemoved: true } => $"{found.Path} held nothing whole and was removed: an earlier recorder had just begun it",
        { CutBytes: > 0 } => $"{found.Path} was not closed by an earlier recorder: {found.CutBytes} bytes that were not whole were cut off its end",
        _ => $"{found.Path} was not closed by an earlier recorder; it is whole",
    };

    private WatchTarget[] ReadTargets(ParseResult arguments, FeedCatalog catalog, KisFeedOptions options)
    {
        var keys = new KeyResolver(SimulatedInstruments.All, Host.Tell);
        var targets = arguments.GetRequiredValue(_targets).Select(text => WatchTarget.Parse(catalog, text, options.HtsId, keys)).ToArray();
        if (!arguments.GetValue(_notices) && targets.FirstOrDefault(t => t.Feed.IsNotice) is { } notice)
            throw new CommandException($"{notice}: order notices hold account numbers, orders and fills; to record them, in files that only you can read, add --notices");
        return [.. targets.Select(target => target.On(options.Environment, catalog)).Distinct()];
    }

    private CaptureRecorder Start(KisFeedClient client, ParseResult arguments, string folder, HostLog log)
    {
        var writer = new CaptureWriterOptions { Directory = folder };
        using var progress = new Progress(Host, () => $"looking through {folder} …");
        try
        {
            return CaptureRecorder.Start(client, new CaptureRecorderOptions
            {
                Writer = writer with { MaxFileBytes = arguments.GetValue(_maxFileSize) ?? writer.MaxFileBytes },
                Notices = arguments.GetValue(_notices),
                Retention = _retention.Read(arguments),
                FlushInterval = arguments.GetValue(_flush) ?? TimeSpan.FromSeconds(1),
                LoggerFactory = log,
                TimeProvider = Host.Time,
            });
        }
        catch (CaptureException e)
        {
            throw new CommandException(e.Message, e);
        }
    }
}
