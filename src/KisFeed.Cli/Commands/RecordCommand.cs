using KisFeed.Capture;
using KisFeed.Cli.Recording;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed record</c>: records feeds into capture files.</summary>
internal sealed class RecordCommand : KisFeedCommand
{
    private readonly TargetArguments _targets;
    private readonly ValueOption<string> _folder = new("--dir", "DIR",
        "The folder to record into. Created if it does not exist; otherwise appended to.")
    { DefaultValueFactory = _ => "capture" };
    private readonly SwitchOption _notices = new("--notices",
        "Record order notices too, decrypted, in files that only you can read. They hold account numbers, orders and fills.");
    private readonly TextOrJsonOption _format = new(
        "The format of the status: text; or JSON, one object per line after each flush and each second.");

    private readonly ConnectionOptions _connection = new();
    private readonly Option<TimeSpan?> _flush = CommonOptions.Duration("--flush", "The maximum time until received data is on the disk, "
        + $"at most 60s. [{DurationText.Format(CaptureRecorderOptions.DefaultFlushInterval)}]");
    private readonly Option<long?> _maxFileSize = ParsedOption.Create<long>(
        "--max-file-size",
        "64M|1G",
        "The size at which a file is closed and the next one started, at least 64K. [64M]",
        TryParseFileSize,
        text => $"'{text}' is not a valid file size. Use a number and a unit, e.g. 512K, 64M or 1G, at least 64K.");

    private readonly RetentionOptions _retention = new();
    private readonly RunOptions _run = new("End after this many frames; frames that arrive together with the last one are recorded too.");

    public RecordCommand(CommandHost host)
        : base(host, "record",
            "Record feeds into files that survive crashes: gzip text, one line per frame, with gaps and other events in their places.")
    {
        _targets = new TargetArguments("record", _connection.Masters, "; it needs --notices");
        _flush.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() > TimeSpan.FromMinutes(1))
                result.AddError("--flush is at most 60s: data that is not flushed is lost when the machine loses power.");
        });
        this.AddAll(_targets.Targets, _folder, _notices, _format);
        _connection.AddTo(this);
        this.AddAll([.. _targets.Options, _flush, _maxFileSize, .. _retention.All]);
        _run.AddTo(this);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed record index:0001 index:1001 program:005930",
            "into ./capture until Ctrl-C; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml"),
        ("kisfeed record H0BJCNT0:KR103502GA34 --dir /data/capture --wait --format json",
            "as a service that starts before the network does"),
        ("kisfeed record notice index:0001 --notices", "order notices of KISFEED_HTSID or my_htsid too"),
        ("kisfeed record index:0001 --dir /data/capture --keep-days 90 --max-size 50G",
            "captures older than 90 days, or beyond 50 GB, are deleted"),
        ("kisfeed record index:0001 --url ws://127.0.0.1:21000 --duration 10s", "from 'kisfeed simulate'"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "the broker permanently refused the credentials, the session or a registration; run 'kisfeed doctor'"),
        (ExitCode.ConnectionLost, "the connection failed at the start, or was given up as --give-up-after or --no-reconnect says; "
            + "everything received before is recorded"),
        (ExitCode.DataLost,
            "data was lost because the disk was full, missing or too slow; the rest is recorded, and gaps mark missing frames"),
        (ExitCode.Interrupted, "interrupted before anything was registered; after that, Ctrl-C ends normally"),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        var configuration = _connection.Read(Host, arguments, log, options => _run.ApplyTo(options, arguments));
        var targets = _targets.Read(
            Host, arguments, _connection.CatalogOf(Host, arguments), configuration.Options,
            await _targets.ReadInstrumentsAsync(Host, arguments, cancellationToken), target => RequireNotices(arguments, target));
        var options = ServiceSettings.Require(configuration);
        var folder = arguments.GetRequiredValue(_folder);
        await using var client = await _run.OpenAsync(Host, options, arguments, cancellationToken);
        await using var recorder = Start(client, arguments, folder, log);
        await using var output = new BestEffortOutput<RecordingStatus>(
            Host,
            _format.IsJson(arguments) ? RecordingOutputs.Json(Host) : RecordingOutputs.Text(Host, folder),
            "the status of the recording",
            "the recording itself");
        foreach (var found in recorder.Recovered)
            Host.WriteMessage($"kisfeed: {TextOf(found)}");
        Host.WriteMessage($"kisfeed: recording {targets.Length} {(targets.Length == 1 ? "registration" : "registrations")} into {folder}");

        using var timeout = new CancellationTokenSource(_run.DurationOf(arguments) ?? Timeout.InfiniteTimeSpan, Host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var session = new RecordSession(
            Host, client, recorder, targets, output, new DiskStatusReporter(folder, Host.Time),
            _run.Waits(arguments) ? options.Reconnect : null);
        var end = await RunAsync(session, _run.CountOf(arguments), options.Reconnect, ending.Token);
        RequireRegistration(session, client, cancellationToken);
        return end.Dropped + end.Lost + end.LostFiles > 0 ? ExitCode.DataLost : ExitCode.Success;
    }

    // A recorder that ended would be started again by its supervisor, for a cause that only a person can correct, and the
    // broker would see attempt after attempt.
    private async Task<CaptureRecorderStatus> RunAsync(
        RecordSession session, long? count, ReconnectPolicy policy, CancellationToken cancellationToken)
    {
        try
        {
            return await session.RunAsync(count, cancellationToken);
        }
        catch (ConnectionLostException e)
            when (session.HasBegun && policy is { IsEnabled: true, GiveUpAfter: null } && !cancellationToken.IsCancellationRequested)
        {
            Host.WriteMessage($"kisfeed: {FailureText.Of(e, this)}");
            Host.WriteMessage("kisfeed: nothing more is recorded; what was received is written, and the command waits for its end: "
                + "correct the cause, then start it again");
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    // Reaching the time limit is a normal end, but not if nothing was recorded until then.
    private static void RequireRegistration(RecordSession session, KisFeedClient client, CancellationToken cancellationToken)
    {
        if (session.HasRegistered)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        var what = client.Sessions.Any(s => s.Connections > 0)
            ? "nothing was registered, so nothing was recorded"
            : "the connection could not be established";
        throw new CommandException($"{what}: {client.Sessions[0].Problem ?? "the server has not answered yet"}", ExitCode.ConnectionLost);
    }

    private static string TextOf(CaptureRecovery found) => found switch
    {
        { Problem: { } problem } => $"{found.Path} cannot be repaired and is left unchanged: {problem}",
        { IsDamaged: true } => $"{found.Path} is damaged and left unchanged; recording continues in another file",
        { IsRemoved: true } => $"{found.Path} held no complete data and was removed: an earlier recorder had just created it",
        { CutBytes: > 0 } => $"{found.Path} was not closed by an earlier recorder: {found.CutBytes} incomplete bytes were cut off its end",
        _ => $"{found.Path} was not closed by an earlier recorder; it is complete",
    };

    private CaptureRecorder Start(KisFeedClient client, ParseResult arguments, string folder, HostLog log)
    {
        var writer = new CaptureWriterOptions { Directory = folder };
        using var progress = new Progress(Host, () => $"checking {folder} …");
        return CaptureRecorder.Start(client, new CaptureRecorderOptions
        {
            Writer = writer with { MaxFileBytes = arguments.GetValue(_maxFileSize) ?? writer.MaxFileBytes },
            Notices = arguments.GetValue(_notices),
            Retention = _retention.Read(arguments),
            FlushInterval = arguments.GetValue(_flush) ?? CaptureRecorderOptions.DefaultFlushInterval,
            LoggerFactory = log,
            TimeProvider = Host.Time,
        });
    }

    private void RequireNotices(ParseResult arguments, WatchTarget target)
    {
        if (target.Feed.IsNotice && !arguments.GetValue(_notices))
        {
            throw new CommandException($"{target}: order notices hold account numbers, orders and fills; add --notices to record them, "
                + "in files that only you can read");
        }
    }

    private static bool TryParseFileSize(string text, out long size) => ByteSize.TryParse(text, out size) && size >= 1 << 16;
}
