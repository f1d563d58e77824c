using KisFeed.Capture;
using KisFeed.Cli.Clusters;
using KisFeed.Cli.Gateways;
using KisFeed.Gateway;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace KisFeed.Cli.Commands;

/// <summary><c>kisfeed gateway</c>: shares one session with the broker among any number of programs.</summary>
internal sealed class GatewayCommand : KisFeedCommand
{
    private readonly Option<int> _port = ListenOptions.Port(UiText.Of("The TCP port; 0 uses a free port.", "TCP 포트. 0이면 빈 포트를 씁니다."));
    private readonly Option<string> _listen = ListenOptions.Address(
        "--listen", UiText.Of(
            "The IP address to listen on. If other machines can reach it, consumers need tokens.",
            "접속을 받을 IP 주소. 다른 컴퓨터에서 접속할 수 있는 주소면 소비자에게 토큰이 있어야 합니다."));
    private readonly ClusterOptions _cluster = new();
    private readonly UpstreamSelection _upstream;
    private readonly ConnectionOptions _connection = new(LogLevel.Information);
    private readonly ValueOption<string[]> _keep = new("--keep", "FEED:KEY,…",
        UiText.Of(
            "Keys that always stay registered, separated by commas: for recording, and so that consumers get data at once.",
            "늘 등록해 둘 키. 쉼표로 구분. 기록하거나, 소비자가 데이터를 바로 받게 할 때 씁니다."))
    {
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly DayTimeOption _dayTime = new();
    private readonly InstrumentsOption _instruments;
    private readonly TokenFileOption _tokens = new("--tokens");
    private readonly SwitchOption _insecure = new("--insecure-no-tokens",
        UiText.Of(
            "Use no token file: anyone who can reach the address, also from other machines, gets all data, order notices included.",
            "토큰 파일을 쓰지 않음: 이 주소에 접속할 수 있으면 다른 컴퓨터에서도 누구나 주문 통보까지 모든 데이터를 받습니다."));
    private readonly CertificateOptions _certificate = new();
    private readonly ValueOption<string[]> _origins = new("--allow-origin", "ORIGIN",
        UiText.Of(
            "Allow web pages of this origin, besides those of the gateway itself, e.g. https://charts.example. May be repeated.",
            "게이트웨이 자신의 페이지 말고도 이 출처의 웹 페이지를 허용. 예: https://charts.example. 여러 번 쓸 수 있습니다."));
    private readonly ProxyOptions _proxies = new();
    private readonly LimitOptions _limits = new();
    private readonly CompatibilityOptions _compatibility = new();
    private readonly ValueOption<string?> _record = new("--record", "DIR",
        UiText.Of(
            "Record everything received from upstream into this folder, as 'kisfeed record' does.",
            "증권사에서 받은 모든 데이터를 'kisfeed record'처럼 이 폴더에 기록."));
    private readonly SwitchOption _recordNotices = new("--record-notices",
        UiText.Of(
            "Record order notices too, in files that only you can read. They hold account numbers, orders and fills.",
            "주문 통보도 본인만 읽을 수 있는 파일에 기록. 계좌번호, 주문, 체결이 들어 있습니다."));
    private readonly RetentionOptions _retention = new();
    private readonly GatewaySinkOptions _sink;
    private readonly CoordinationCommandOptions _coordination = new();
    private readonly Option<TimeSpan?> _grace = CommonOptions.Duration("--grace", UiText.Of(
        "How long a key stays registered upstream after its last consumer released it, but at least until --min-hold after it was "
            + $"registered. [{DurationText.Format(GatewayOptions.DefaultReleaseGrace)}]",
        $"마지막 소비자가 떠난 뒤 증권사 등록을 유지하는 시간. 등록한 지 --min-hold가 지날 때까지는 늘 유지합니다. [{DurationText.Format(GatewayOptions.DefaultReleaseGrace)}]"));
    private readonly Option<TimeSpan?> _pageGrace = CommonOptions.Duration("--page-grace", UiText.Of(
        "How long the keys of a dashboard's page stay registered upstream after it was closed, unless another key needs their slots; at "
            + $"least --grace. [{DurationText.Format(GatewayOptions.DefaultPageGrace)}]",
        "대시보드 페이지를 닫은 뒤 그 키의 증권사 등록을 유지하는 시간. 다른 키에 자리가 필요하면 내줍니다. --grace 이상. "
            + $"[{DurationText.Format(GatewayOptions.DefaultPageGrace)}]"));
    private readonly Option<TimeSpan?> _minimumHold = CommonOptions.Duration("--min-hold", UiText.Of(
        "The minimum time a key stays registered upstream, even if another key needs its slot: the broker blocks app keys that register "
            + $"and release in a loop. [{DurationText.Format(GatewayOptions.DefaultMinimumHold)}]",
        $"다른 키에 자리가 필요해도 증권사 등록을 유지하는 최소 시간. 등록과 해제를 되풀이하는 앱키는 증권사가 차단합니다. [{DurationText.Format(GatewayOptions.DefaultMinimumHold)}]"));
    private readonly Option<TimeSpan?> _giveUp = RunOptions.GiveUpAfter();
    private readonly Option<Uri?> _otlp = OtlpOption();
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ConfigurationFileOption _config = new();
    private readonly SwitchOption _check = new("--check",
        UiText.Of(
            "Check the options, the configuration file and the files that they name, and end: nothing is opened that others can see.",
            "옵션과 설정 파일, 거기서 지정한 파일들을 검사하고 종료. 밖에서 보이는 것은 열지 않습니다."));

    public GatewayCommand(CommandHost host)
        : base(host, "gateway", UiText.Of(
            "Share one session among any number of programs: in the broker's protocol, and as JSON over HTTP. Without credentials it "
                + "serves a simulated market.",
            "세션 하나를 여러 프로그램이 증권사 프로토콜이나 HTTP JSON으로 나눠 씀. 앱키가 없으면 가상 시장을 제공합니다."))
    {
        _instruments = new InstrumentsOption(_connection.Masters);
        _upstream = new UpstreamSelection(_cluster);
        _sink = new GatewaySinkOptions(_cluster);
        foreach (var section in Sections)
            this.AddAll([.. section.Options, .. section.Rare]);
        _connection.Validate(this);
        _upstream.Validate(this);
        _certificate.Validate(this);
        _proxies.Validate(this);
        _sink.Validate(this, _record);
        _coordination.Validate(this, _upstream.Cluster, _sink.Addresses);
        this.Exclude(_tokens, _insecure);
        this.Require([_recordNotices, .. _retention.All], [_record]);
        this.Require(_cluster.All, [_upstream.Cluster, _sink.Addresses]);
    }

    public override IReadOnlyList<OptionSection> Sections =>
    [
        new(UiText.Of("Source", "데이터 소스"), [.. _upstream.All, _giveUp]) { Rare = [.. _connection.Service, _connection.Layouts] },
        new(UiText.Of("Listening", "접속 받기"), [_port, _listen, .. _certificate.All, _origins]) { Rare = _proxies.All },
        new(UiText.Of("Consumers", "소비자"), [_tokens, _insecure, _keep, _dayTime, _connection.Masters, _instruments])
        {
            Rare = [.. _limits.All, .. _compatibility.All, _grace, _pageGrace, _minimumHold],
        },
        new(UiText.Of("Recording", "기록"), [_record, _recordNotices, .. _retention.All, _sink.Addresses]) { Rare = _sink.Details },
        new(UiText.Of("Cluster", "클러스터"), _coordination.Main) { Rare = [.. _coordination.Details, .. _cluster.All] },
        new(UiText.Of("Configuration and diagnostics", "설정과 진단"), [_config, _check, _duration, _format, .. _connection.Logging, _otlp]),
    ];

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway", UiText.Of(
            "on the broker's port, for this machine; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, or "
                + "~/KIS/config/kis_devlp.yaml, else a simulated market",
            "증권사와 같은 포트로, 이 컴퓨터에만. 앱키는 KISFEED_APPKEY와 KISFEED_APPSECRET, 또는 ~/KIS/config/kis_devlp.yaml에서. 없으면 가상 시장")),
        ("kisfeed gateway --simulate --rate 500", UiText.Of("a simulated market, whatever is configured", "설정과 상관없이 가상 시장")),
        ("kisfeed gateway --replay capture/2026-11-20 --speed 10", UiText.Of(
            "a recorded day, for programs that cannot read captures",
            "기록해 둔 하루. 기록을 읽지 못하는 프로그램을 위해")),
        ("kisfeed gateway --upstream amqps://kisfeed@mq1,amqps://kisfeed@mq2",
            UiText.Of(
                "an edge: what other gateways publish to a RabbitMQ cluster; needs no app key; the password from KISFEED_AMQP_PASSWORD",
                "엣지: 다른 게이트웨이들이 RabbitMQ 클러스터에 올린 데이터. 앱키가 필요 없습니다. 비밀번호는 KISFEED_AMQP_PASSWORD에서")),
        ("kisfeed gateway --listen 0.0.0.0", UiText.Of(
            "for other machines too; only for consumers added by 'kisfeed gateway token add'",
            "다른 컴퓨터에도. 'kisfeed gateway token add'로 추가한 소비자만")),
        ("kisfeed gateway --listen 0.0.0.0 --certificate certificate.pem --certificate-key key.pem --client-ca ca.pem",
            UiText.Of("the same over TLS, and only for clients with a certificate of this CA", "같은 것을 TLS로, 이 CA가 발급한 인증서가 있는 클라이언트에만")),
        ("kisfeed gateway --trusted-proxy 127.0.0.1 --health-port 21001",
            UiText.Of(
                "behind a reverse proxy on this machine; limits apply to the addresses of its clients, and health checks have their own "
                    + "port",
                "이 컴퓨터의 리버스 프록시 뒤에서. 한도는 실제 클라이언트의 주소마다 적용하고, 상태 검사는 다른 포트에서 받습니다")),
        ("kisfeed gateway --masters masters",
            UiText.Of(
                "with the names of all instruments from the broker's master files in a folder, for the search of the dashboard",
                "폴더에 있는 증권사 마스터파일의 모든 종목 이름과 함께. 대시보드에서 이름으로 찾을 수 있습니다")),
        ("kisfeed gateway --live --keep index:0001,index:1001 --record /data/capture",
            UiText.Of(
                "as a service: only with the broker, two keys always registered, everything recorded",
                "서비스로: 증권사만, 키 두 개를 늘 등록하고 모두 기록")),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --keep-days 90 --max-size 50G",
            UiText.Of("the same; captures older than 90 days, or beyond 50 GB, are deleted", "같은 것. 90일이 지났거나 50GB를 넘는 기록은 삭제")),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --sink postgres://kisfeed@localhost/market",
            UiText.Of("the recording is also stored in PostgreSQL, as 'kisfeed sink' does", "'kisfeed sink'처럼 기록을 PostgreSQL에도 저장")),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --sink amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3",
            UiText.Of(
                "the recording is also published to the streams of a RabbitMQ cluster; the password is in KISFEED_AMQP_PASSWORD",
                "기록을 RabbitMQ 클러스터의 스트림에도 올림. 비밀번호는 KISFEED_AMQP_PASSWORD에")),
        ("kisfeed gateway --live --record /data/capture --sink amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3 --coordination "
            + "postgres://kisfeed@db/"
            + "kisfeed", UiText.Of(
                "an ingest of a cluster: it registers what consumers of any edge want, and another ingest takes over if it fails",
                "클러스터의 수집 게이트웨이: 엣지의 소비자가 원하는 키를 등록하고, 죽으면 다른 수집 게이트웨이가 이어받습니다")),
        ("kisfeed gateway --upstream amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3 --coordination postgres://kisfeed@db/kisfeed",
            UiText.Of("an edge of this cluster, for consumers", "이 클러스터의 엣지. 소비자는 여기에 접속합니다")),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, UiText.Of(
            "the broker refused the credentials: at the end, or at once with --give-up-after; run 'kisfeed doctor'",
            "증권사가 앱키를 거부함: 끝날 때, --give-up-after가 있으면 바로. 'kisfeed doctor'로 확인하세요")),
        (ExitCode.ConnectionLost, UiText.Of(
            "the upstream connection was given up, as --give-up-after says",
            "--give-up-after에 따라 증권사 접속을 포기함")),
        (ExitCode.DataLost, UiText.Of(
            "data could not be recorded because the disk was full, missing or too slow",
            "디스크가 가득 찼거나 없거나 느려서 데이터를 기록하지 못함")),
    ];

    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var log = _connection.OpenLog(Host, arguments);
        var configuration = _connection.Read(Host, arguments, log, options => options with
        {
            Reconnect = options.Reconnect with { GiveUpAfter = arguments.GetValue(_giveUp) ?? options.Reconnect.GiveUpAfter },
        });
        var kind = _upstream.Decide(arguments, configuration, RequestsService(arguments), _connection.HasService(arguments));
        if (kind == UpstreamKind.Simulator)
        {
            Host.WriteMessage(UiText.Of(
                $"kisfeed: SIMULATED DATA: {(configuration.Problem is null ? "--simulate" : "no credentials were found")}, so this "
                    + "gateway serves simulated data, not a real market",
                $"kisfeed: 가상 데이터(SIMULATED DATA): {(configuration.Problem is null ? "--simulate 옵션에 따라" : "앱키를 찾지 못해")} 실제 시장이 아닌 가상 "
                    + "데이터를 제공합니다"));
        }
        using var warnings = log.WarningsOnly();
        var (grace, hold) = (arguments.GetValue(_grace) ?? GatewayOptions.DefaultReleaseGrace,
            arguments.GetValue(_minimumHold) ?? GatewayOptions.DefaultMinimumHold);
        var coordination = _coordination.Read(Host, arguments, grace, hold);
        var isCheck = arguments.GetValue(_check);
        await using var edge = coordination is not null && kind == UpstreamKind.Cluster && !isCheck
            ? new EdgeMembership(coordination, log)
            : null;
        var cluster = kind == UpstreamKind.Cluster ? _upstream.ReadCluster(Host, arguments, configuration.Options, edge) : null;
        await using var local = kind is UpstreamKind.Service or UpstreamKind.Cluster
            ? null
            : await _upstream.StartAsync(Host, arguments, kind, configuration.Options, warnings, cancellationToken);
        var service = cluster is not null ? null : local?.Options ?? ServiceSettings.Require(configuration);
        var isIngest = coordination is not null && service is not null;
        await using var ingest = isIngest && !isCheck ? new IngestMembership(coordination!, service!, log) : null;
        service = ingest?.Service ?? service;
        var upstream = service ?? cluster!.Source;
        var instruments = await _instruments.ReadAsync(Host, arguments, cancellationToken);
        var options = _proxies.Apply(arguments, _limits.Apply(arguments, new GatewayOptions
        {
            Upstream = upstream,
            Port = arguments.GetValue(_port),
            Address = arguments.GetRequiredValue(_listen),
            Kestrel = _certificate.Read(arguments, Host),
            ClientCa = _certificate.ClientCaOf(arguments),
            TokenFile = arguments.GetValue(_insecure) ? null : _tokens.PathOf(arguments, Host),
            OpenUntilTokenFileExists = !_tokens.IsNamed(arguments, Host),
            AllowAnonymous = arguments.GetValue(_insecure),
            AllowedOrigins = arguments.GetValue(_origins) ?? [],
            Source = SourceOf(kind),
            Keep = ReadKeep(arguments, upstream, instruments, isIngest),
            DashboardKeys = kind == UpstreamKind.Simulator && !arguments.IsGiven(_keep) ? DemoTargets.Keys : null,
            Instruments = instruments,
            Recording = RecordingOf(arguments, log),
            OpenSink = _sink.Read(
                Host, arguments, arguments.GetValue(_record), arguments.GetValue(_recordNotices), _connection.CatalogOf(Host, arguments),
                log),
            OpenPublisher = PublisherOf(arguments, ingest, log),
            Cluster = ingest is not null ? () => ingest.Cluster : edge is not null ? () => edge.Cluster : null,
            Revision = _compatibility.RevisionOf(arguments),
            AesPerRegistration = _compatibility.UsesAesPerRegistration(arguments),
            ReleaseGrace = grace,
            PageGrace = arguments.GetValue(_pageGrace) ?? GatewayOptions.DefaultPageGrace,
            MinimumHold = hold,
            TimeProvider = Host.Time,
            LoggerFactory = log,
        }));
        if (isCheck)
            return await CheckAsync(options, coordination);
        using var telemetry = Telemetry.Start(Host, arguments.GetValue(_otlp));
        await using var setup = coordination is null
            ? null
            : await ClusterSetup.StartAsync(coordination.Database.UpdateSchemaAsync, Host.Time, log, cancellationToken);
        await using var server = await StartAsync(options, () => GatewayServer.StartAsync(options, cancellationToken));
        ingest?.Start(server);
        edge?.Start(Host.Time, log);
        using var reload = Host.ErrorIsTerminal ? null : Host.ReloadSignal.Use(() => Reload(server));
        try
        {
            var source = service is null ? UiText.Of($"the cluster at {cluster!.Name}", $"{cluster!.Name} 클러스터") : InWords(kind, service);
            await _format.WriteAsync(
                Host,
                arguments,
                text => GatewayGuide.Write(text, server, source, arguments.GetValue(_record)),
                () => Announcement.LineOf(server.RestUrl, server.WebSocketUrl, server.HealthUrl),
                cancellationToken);
            using var progress = new Progress(Host, new GatewayStatusLine(Host.Time, () => server.Status).Next, besideOutput: true);
            await WaitAsync(
                server,
                arguments.GetValue(_duration) ?? Timeout.InfiniteTimeSpan,
                service is { Reconnect.GiveUpAfter: null },
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The normal end of a server, once it listens. A permanent loss of upstream is not caught here.
        }

        telemetry?.ForceFlush(Telemetry.FlushLimit);
        if (ingest is not null)
            await ingest.StopPlacingAsync();
        await server.StopAsync();
        return server.Status.Recording is { } end && end.Dropped + end.Lost + end.LostFiles > 0 ? ExitCode.DataLost : ExitCode.Success;
    }

    private async Task<int> CheckAsync(GatewayOptions options, CoordinationSettings? coordination)
    {
        await (coordination?.Database.DisposeAsync() ?? ValueTask.CompletedTask);
        await StartAsync(options, () => Task.FromResult(GatewayServer.Check(options)));
        Host.WriteMessage(UiText.Of("kisfeed: the options are valid", "kisfeed: 옵션에 문제가 없습니다"));
        return ExitCode.Success;
    }

    // A gateway whose upstream has ended still serves what it has recorded, and its status. Only a person can correct the cause.
    private async Task WaitAsync(GatewayServer server, TimeSpan duration, bool staysUp, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(duration, Host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await server.Completion.WaitAsync(ending.Token);
        }
        catch (KisFeedException e) when (staysUp)
        {
            Host.WriteMessage($"kisfeed: {FailureText.Of(e)}");
            Host.WriteMessage(UiText.Of(
                "kisfeed: nothing more comes from upstream; the gateway keeps running and serves what it has: correct the cause, then "
                    + "start it again",
                "kisfeed: 증권사에서 더 받지 않습니다. 게이트웨이는 계속 실행하며 가진 데이터를 제공합니다. 원인을 고친 다음 다시 시작하세요"));
            await Task.Delay(Timeout.Infinite, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static void Reload(GatewayServer server)
    {
        server.ReloadConsumers();
        server.ReloadCertificate();
    }

    // Simulated data must not replace the market if the user has configured any part of a service.
    private bool RequestsService(ParseResult arguments) =>
        _connection.HasService(arguments)
        || ServiceSettings.HasCredentials(Host)
        || new[] { ServiceSettings.UrlVariable, ServiceSettings.RestVariable }.Any(name => Host.Variable(name) is not null);

    private static async Task<T> StartAsync<T>(GatewayOptions options, Func<Task<T>> start)
    {
        try
        {
            return await ServerStart.RunAsync(start, options.Port, options.Address);
        }
        catch (CommandException e) when (e.InnerException is ArgumentException { ParamName: nameof(GatewayOptions.Address) })
        {
            throw new CommandException(
                UiText.Of(
                    $"other machines can reach {options.Address}, and without tokens anyone could connect: give your programs tokens "
                        + "('kisfeed gateway token add NAME'), or listen on 127.0.0.1; --insecure-no-tokens allows everyone",
                    $"{options.Address}: 다른 컴퓨터에서 접속할 수 있는 주소인데 토큰이 없어 누구나 접속할 수 있습니다. 'kisfeed gateway token add NAME'으로 프로그램마다 토큰을 "
                        + "만들거나 127.0.0.1에서 접속을 받으세요. 모두 허용하려면 --insecure-no-tokens를 쓰세요"),
                e);
        }
    }

    private CaptureRecorderOptions? RecordingOf(ParseResult arguments, HostLog log) =>
        arguments.GetValue(_record) is not { } folder ? null : new CaptureRecorderOptions
        {
            Writer = new CaptureWriterOptions { Directory = folder },
            Notices = arguments.GetValue(_recordNotices),
            Retention = _retention.Read(arguments),
            LoggerFactory = log,
            TimeProvider = Host.Time,
        };

    private Func<FramePublisherContext, IFramePublisher>? PublisherOf(ParseResult arguments, IngestMembership? ingest, HostLog log)
    {
        if (_sink.ReadPublisher(Host, arguments, arguments.GetValue(_record), log) is not { } open)
            return null;
        return ingest is null ? open : context => ingest.Publish(open, context);
    }

    private GatewayKey[] ReadKeep(ParseResult arguments, GatewaySource upstream, IReadOnlyList<Instrument> instruments, bool isIngest)
    {
        var catalog = _connection.CatalogOf(Host, arguments);
        var keys = new KeyResolver(instruments, Host.WriteMessage, isForGateway: true);
        WatchTarget[] targets =
        [
            .. (arguments.GetValue(_keep) ?? [])
                .SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Select(text => WatchTarget.Parse(catalog, text, upstream.Service?.HtsId, keys)),
        ];
        GatewayKey[] keep =
        [
            .. _dayTime.ApplyTo(arguments, targets)
                .Select(target => target.On(upstream.Environment, catalog))
                .Select(target => new GatewayKey(target.Feed, target.Key))
                .Distinct(),
        ];
        return isIngest && keep.FirstOrDefault(key => !key.Feed.IsNotice) is { } other
            ? throw new CommandException(UiText.Of(
                $"{_keep.Name} {other}: the cluster decides which ingest registers a key: use {_keep.Name} at an edge; an ingest keeps "
                    + "order notices only",
                $"{_keep.Name} {other}: 어느 수집 게이트웨이가 키를 등록할지는 클러스터가 정합니다. {_keep.Name} 옵션은 엣지에서 쓰세요. 수집 게이트웨이에는 주문 통보만 유지할 수 있습니다"))
            : keep;
    }

    private static DataSource SourceOf(UpstreamKind kind) => kind switch
    {
        UpstreamKind.Simulator => DataSource.Simulation,
        UpstreamKind.Replay => DataSource.Replay,
        _ => DataSource.Service,
    };

    private static string InWords(UpstreamKind kind, KisFeedOptions upstream) => kind switch
    {
        UpstreamKind.Simulator => UiText.Of("SIMULATED DATA", "가상 데이터(SIMULATED DATA)"),
        UpstreamKind.Replay => UiText.Of("a replayed capture", "재생하는 기록"),
        _ => UiText.Of(
            $"the service at {(upstream.WebSocketUrl ?? KisEndpoints.WebSocket(upstream.Environment)).GetLeftPart(UriPartial.Authority)}",
            $"{(upstream.WebSocketUrl ?? KisEndpoints.WebSocket(upstream.Environment)).GetLeftPart(UriPartial.Authority)} 서비스"),
    };

    private static Option<Uri?> OtlpOption()
    {
        var option = new ValueOption<Uri?>("--otlp", "http://…",
            UiText.Of(
                "Send metrics to this OpenTelemetry collector: port 4317 for gRPC, any other for HTTP. [OTEL_EXPORTER_OTLP_ENDPOINT, "
                    + "else none]",
                "지표를 보낼 OpenTelemetry 수집기. 포트 4317이면 gRPC, 다른 포트면 HTTP. [OTEL_EXPORTER_OTLP_ENDPOINT, 없으면 보내지 않음]"));
        option.CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return address;
            result.AddError(UiText.Of(
                $"'{result.Tokens[0].Value}' is not a valid address. Use one that begins with http:// or https://.",
                $"'{result.Tokens[0].Value}': 올바른 주소가 아닙니다. http://나 https://로 시작하는 주소를 쓰세요."));
            return null;
        };
        return option;
    }
}
