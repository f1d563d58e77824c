using KisFeed.Capture;
using KisFeed.Cli.Recording;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed record</c>: records feeds into capture files.</summary>
internal sealed class RecordCommand : KisFeedCommand
{
    private readonly TargetArguments _targets;
    private readonly ValueOption<string> _folder = new("--dir", "DIR",
        UiText.Of("The folder to record into. Created if it does not exist; otherwise appended to.", "기록할 폴더. 없으면 만들고, 있으면 이어서 기록합니다."))
    { DefaultValueFactory = _ => "capture" };
    private readonly SwitchOption _notices = new("--notices",
        UiText.Of(
            "Record order notices too, decrypted, in files that only you can read. They hold account numbers, orders and fills.",
            "주문 통보도 해독해서 본인만 읽을 수 있는 파일에 기록. 계좌번호, 주문, 체결이 들어 있습니다."));
    private readonly TextOrJsonOption _format = new(
        UiText.Of(
            "The format of the status: text; or JSON, one object per line after each flush and each second.",
            "상태의 형식: 텍스트, 또는 디스크에 쓸 때와 1초마다 한 줄에 하나의 JSON 객체."));

    private readonly ConnectionOptions _connection = new();
    private readonly Option<TimeSpan?> _flush = CommonOptions.Duration("--flush", UiText.Of(
        "The maximum time until received data is on the disk, at most 60s. "
            + $"[{DurationText.Format(CaptureRecorderOptions.DefaultFlushInterval)}]",
        $"받은 데이터를 디스크에 쓰기까지의 최대 시간. 60s 이하. [{DurationText.Format(CaptureRecorderOptions.DefaultFlushInterval)}]"));
    private readonly Option<long?> _maxFileSize = ParsedOption.Create<long>(
        "--max-file-size",
        "64M|1G",
        UiText.Of(
            "The size at which a file is closed and the next one started, at least 64K. [64M]",
            "파일이 이 크기가 되면 닫고 다음 파일을 시작. 64K 이상. [64M]"),
        TryParseFileSize,
        text => UiText.Of(
            $"'{text}' is not a valid file size. Use a number and a unit, e.g. 512K, 64M or 1G, at least 64K.",
            $"'{text}': 올바른 파일 크기가 아닙니다. 512K, 64M, 1G처럼 숫자와 단위로, 64K 이상을 쓰세요."));

    private readonly RetentionOptions _retention = new();
    private readonly RunOptions _run = new(UiText.Of(
        "End after this many frames; frames that arrive together with the last one are recorded too.",
        "프레임을 이만큼 받으면 종료. 마지막 프레임과 함께 온 것까지 기록합니다."));

    public RecordCommand(CommandHost host)
        : base(host, "record",
            UiText.Of(
                "Record feeds into files that survive crashes: gzip text, one line per frame, with gaps and other events in their places.",
                "실시간 데이터를 갑자기 꺼져도 남는 파일에 기록: gzip으로 압축한 텍스트, 프레임마다 한 줄, 공백과 다른 이벤트도 제자리에."))
    {
        _targets = new TargetArguments(
            UiText.Of("record", "기록할"), _connection.Masters, UiText.Of("; it needs --notices", ". --notices도 있어야 합니다"));
        _flush.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<TimeSpan?>() > TimeSpan.FromMinutes(1))
            {
                result.AddError(UiText.Of(
                    "--flush is at most 60s: data that is not flushed is lost when the machine loses power.",
                    "--flush는 60s 이하여야 합니다. 디스크에 쓰지 않은 데이터는 전원이 꺼지면 사라집니다."));
            }
        });
        this.AddAll(_targets.Targets, _folder, _notices, _format);
        _connection.AddTo(this);
        this.AddAll([.. _targets.Options, _flush, _maxFileSize, .. _retention.All]);
        _run.AddTo(this);
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed record index:0001 index:1001 program:005930",
            UiText.Of(
                "into ./capture until Ctrl-C; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or ~/KIS/config/kis_devlp.yaml",
                "Ctrl-C까지 ./capture에. 앱키는 KISFEED_APPKEY와 KISFEED_APPSECRET, 또는 ~/KIS/config/kis_devlp.yaml에서")),
        ("kisfeed record H0BJCNT0:KR103502GA34 --dir /data/capture --wait --format json",
            UiText.Of("as a service that starts before the network does", "네트워크보다 먼저 시작하는 서비스로")),
        ("kisfeed record notice index:0001 --notices", UiText.Of(
            "order notices of KISFEED_HTSID or my_htsid too",
            "KISFEED_HTSID나 my_htsid의 주문 통보도")),
        ("kisfeed record index:0001 --dir /data/capture --keep-days 90 --max-size 50G",
            UiText.Of("captures older than 90 days, or beyond 50 GB, are deleted", "90일이 지났거나 50GB를 넘는 기록은 삭제")),
        ("kisfeed record index:0001 --url ws://127.0.0.1:21000 --duration 10s", UiText.Of(
            "from 'kisfeed simulate'",
            "'kisfeed simulate'에서")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, UiText.Of(
            "the broker permanently refused the credentials, the session or a registration; run 'kisfeed doctor'",
            "증권사가 앱키, 세션, 또는 등록을 완전히 거부함. 'kisfeed doctor'로 확인하세요")),
        (ExitCode.ConnectionLost, UiText.Of(
            "the connection failed at the start, or was given up as --give-up-after or --no-reconnect says; everything received before "
                + "is recorded",
            "처음부터 접속하지 못했거나 --give-up-after, --no-reconnect에 따라 포기함. 그 전에 받은 것은 모두 기록했음")),
        (ExitCode.DataLost,
            UiText.Of(
                "data was lost because the disk was full, missing or too slow; the rest is recorded, and gaps mark missing frames",
                "디스크가 가득 찼거나 없거나 느려서 데이터를 잃음. 나머지는 기록했고, 빠진 프레임은 공백으로 표시했음")),
        (ExitCode.Interrupted, UiText.Of(
            "interrupted before anything was registered; after that, Ctrl-C ends normally",
            "아무것도 등록하기 전에 중단됨. 그 뒤의 Ctrl-C는 정상 종료")),
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
            UiText.Of("the status of the recording", "기록 상태"),
            UiText.Of("the recording itself", "기록"));
        foreach (var found in recorder.Recovered)
            Host.WriteMessage($"kisfeed: {TextOf(found)}");
        Host.WriteMessage(UiText.Of(
            $"kisfeed: recording {targets.Length} {(targets.Length == 1 ? "registration" : "registrations")} into {folder}",
            $"kisfeed: {folder} 폴더에 등록 {targets.Length}건을 기록합니다"));

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
            Host.WriteMessage(UiText.Of(
                "kisfeed: nothing more is recorded; what was received is written, and the command waits for its end: correct the cause, "
                    + "then start it again",
                "kisfeed: 더 기록하지 않습니다. 받은 것은 모두 썼고, 명령은 끝내 줄 때까지 기다립니다. 원인을 고친 다음 다시 시작하세요"));
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
            ? UiText.Of("nothing was registered, so nothing was recorded", "등록된 것이 없어 아무것도 기록하지 않았습니다")
            : UiText.Of("the connection could not be established", "접속하지 못했습니다");
        var problem = client.Sessions[0].Problem is { } known
            ? LibraryText.Of(known)
            : UiText.Of("the server has not answered yet", "서버가 아직 응답하지 않았습니다");
        throw new CommandException($"{what}: {problem}", ExitCode.ConnectionLost);
    }

    private static string TextOf(CaptureRecovery found) => found switch
    {
        { Problem: { } problem } => UiText.Of(
            $"{found.Path} cannot be repaired and is left unchanged: {problem}",
            $"{found.Path} 파일을 복구할 수 없어 그대로 둡니다: {problem}"),
        { IsDamaged: true } => UiText.Of(
            $"{found.Path} is damaged and left unchanged; recording continues in another file",
            $"{found.Path} 파일이 손상되어 그대로 두고 다른 파일에 이어서 기록합니다"),
        { IsRemoved: true } => UiText.Of(
            $"{found.Path} held no complete data and was removed: an earlier recorder had just created it",
            $"{found.Path} 파일은 앞선 기록이 막 만든 것으로, 완전한 데이터가 없어 삭제했습니다"),
        { CutBytes: > 0 } => UiText.Of(
            $"{found.Path} was not closed by an earlier recorder: {found.CutBytes} incomplete bytes were cut off its end",
            $"{found.Path} 파일은 앞선 기록이 닫지 못했습니다. 끝의 불완전한 {found.CutBytes}바이트를 잘라 냈습니다"),
        _ => UiText.Of(
            $"{found.Path} was not closed by an earlier recorder; it is complete",
            $"{found.Path} 파일은 앞선 기록이 닫지 못했지만 빠진 것은 없습니다"),
    };

    private CaptureRecorder Start(KisFeedClient client, ParseResult arguments, string folder, HostLog log)
    {
        var writer = new CaptureWriterOptions { Directory = folder };
        using var progress = new Progress(Host, () => UiText.Of($"checking {folder} …", $"{folder} 검사 중 …"));
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
            throw new CommandException(UiText.Of(
                $"{target}: order notices hold account numbers, orders and fills; add --notices to record them, in files that only you "
                    + "can read",
                $"{target}: 주문 통보에는 계좌번호, 주문, 체결이 들어 있습니다. --notices를 주면 본인만 읽을 수 있는 파일에 기록합니다"));
        }
    }

    private static bool TryParseFileSize(string text, out long size) => ByteSize.TryParse(text, out size) && size >= 1 << 16;
}
