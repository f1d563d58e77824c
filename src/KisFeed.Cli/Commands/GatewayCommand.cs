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
    private readonly Option<int> _port = ListenOptions.Port("The TCP port; 0 uses a free port.");
    private readonly Option<string> _listen = ListenOptions.Address(
        "--listen", "The IP address to listen on. If other machines can reach it, consumers need tokens.");
    private readonly ClusterOptions _cluster = new();
    private readonly UpstreamSelection _upstream;
    private readonly ConnectionOptions _connection = new(LogLevel.Information);
    private readonly ValueOption<string[]> _keep = new("--keep", "FEED:KEY,…",
        "Keys that always stay registered, separated by commas: for recording, and so that consumers get data at once.")
    {
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly DayTimeOption _dayTime = new();
    private readonly InstrumentsOption _instruments = new();
    private readonly TokenFileOption _tokens = new("--tokens");
    private readonly SwitchOption _insecure = new("--insecure-no-tokens",
        "Use no token file: anyone who can reach the address, also from other machines, gets all data, order notices included.");
    private readonly CertificateOptions _certificate = new();
    private readonly ValueOption<string[]> _origins = new("--allow-origin", "ORIGIN",
        "Allow web pages of this origin, besides those of the gateway itself, e.g. https://charts.example. May be repeated.");
    private readonly ProxyOptions _proxies = new();
    private readonly LimitOptions _limits = new();
    private readonly CompatibilityOptions _compatibility = new();
    private readonly ValueOption<string?> _record = new("--record", "DIR",
        "Record everything received from upstream into this folder, as 'kisfeed record' does.");
    private readonly SwitchOption _recordNotices = new("--record-notices",
        "Record order notices too, in files that only you can read. They hold account numbers, orders and fills.");
    private readonly RetentionOptions _retention = new();
    private readonly GatewaySinkOptions _sink;
    private readonly CoordinationCommandOptions _coordination = new();
    private readonly Option<TimeSpan?> _grace = CommonOptions.Duration("--grace", "How long a key stays registered upstream after its "
        + "last consumer released it, but at least until --min-hold after it was registered. "
        + $"[{DurationText.Format(GatewayOptions.DefaultReleaseGrace)}]");
    private readonly Option<TimeSpan?> _pageGrace = CommonOptions.Duration("--page-grace", "How long the keys of a dashboard's page stay "
        + "registered upstream after it was closed, unless another key needs their slots; at least --grace. "
        + $"[{DurationText.Format(GatewayOptions.DefaultPageGrace)}]");
    private readonly Option<TimeSpan?> _minimumHold = CommonOptions.Duration("--min-hold", "The minimum time a key stays registered "
        + "upstream, even if another key needs its slot: the broker blocks app keys that register and release in a loop. "
        + $"[{DurationText.Format(GatewayOptions.DefaultMinimumHold)}]");
    private readonly Option<TimeSpan?> _giveUp = RunOptions.GiveUpAfter();
    private readonly Option<Uri?> _otlp = OtlpOption();
    private readonly Option<TimeSpan?> _duration = CommonOptions.Duration();
    private readonly TextOrJsonOption _format = TextOrJsonOption.OfAnnouncement();
    private readonly ConfigurationFileOption _config = new();
    private readonly SwitchOption _check = new("--check",
        "Check the options, the configuration file and the files that they name, and end: nothing is opened that others can see.");

    public GatewayCommand(CommandHost host)
        : base(host, "gateway", "Share one session among any number of programs: in the broker's protocol, and as JSON over HTTP. "
            + "Without credentials it serves a simulated market.")
    {
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
        new("Source", [.. _upstream.All, _giveUp]) { Rare = [.. _connection.Service, .. _connection.Catalog] },
        new("Listening", [_port, _listen, .. _certificate.All, _origins]) { Rare = _proxies.All },
        new("Consumers", [_tokens, _insecure, _keep, _dayTime, _instruments])
        {
            Rare = [.. _limits.All, .. _compatibility.All, _grace, _pageGrace, _minimumHold],
        },
        new("Recording", [_record, _recordNotices, .. _retention.All, _sink.Addresses]) { Rare = _sink.Details },
        new("Cluster", _coordination.Main) { Rare = [.. _coordination.Details, .. _cluster.All] },
        new("Configuration and diagnostics", [_config, _check, _duration, _format, .. _connection.Logging, _otlp]),
    ];

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("kisfeed gateway", "on the broker's port, for this machine; credentials from KISFEED_APPKEY and KISFEED_APPSECRET, "
            + "or ~/KIS/config/kis_devlp.yaml, else a simulated market"),
        ("kisfeed gateway --simulate --rate 500", "a simulated market, whatever is configured"),
        ("kisfeed gateway --replay capture/2026-11-20 --speed 10", "a recorded day, for programs that cannot read captures"),
        ("kisfeed gateway --upstream amqps://kisfeed@mq1,amqps://kisfeed@mq2",
            "an edge: what other gateways publish to a RabbitMQ cluster; needs no app key; the password from KISFEED_AMQP_PASSWORD"),
        ("kisfeed gateway --listen 0.0.0.0", "for other machines too; only for consumers added by 'kisfeed gateway token add'"),
        ("kisfeed gateway --listen 0.0.0.0 --certificate certificate.pem --certificate-key key.pem --client-ca ca.pem",
            "the same over TLS, and only for clients with a certificate of this CA"),
        ("kisfeed gateway --trusted-proxy 127.0.0.1 --health-port 21001",
            "behind a reverse proxy on this machine; limits apply to the addresses of its clients, and health checks have their own port"),
        ("kisfeed gateway --instruments kospi_code.mst --instruments kosdaq_code.mst",
            "with the names of all stocks from the broker's lists, for the search of the dashboard"),
        ("kisfeed gateway --live --keep index:0001,index:1001 --record /data/capture",
            "as a service: only with the broker, two keys always registered, everything recorded"),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --keep-days 90 --max-size 50G",
            "the same; captures older than 90 days, or beyond 50 GB, are deleted"),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --sink postgres://kisfeed@localhost/market",
            "the recording is also stored in PostgreSQL, as 'kisfeed sink' does"),
        ("kisfeed gateway --live --keep index:0001 --record /data/capture --sink amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3",
            "the recording is also published to the streams of a RabbitMQ cluster; the password is in KISFEED_AMQP_PASSWORD"),
        ("kisfeed gateway --live --record /data/capture --sink amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3 --coordination "
            + "postgres://kisfeed@db/"
            + "kisfeed", "an ingest of a cluster: it registers what consumers of any edge want, and another ingest takes over if it fails"),
        ("kisfeed gateway --upstream amqps://feed@mq1,amqps://feed@mq2,amqps://feed@mq3 --coordination postgres://kisfeed@db/kisfeed",
            "an edge of this cluster, for consumers"),
    ];

    public override IReadOnlyList<(int Code, string Means)> ExitCodes =>
    [
        (ExitCode.Refused, "the broker refused the credentials: at the end, or at once with --give-up-after; run 'kisfeed doctor'"),
        (ExitCode.ConnectionLost, "the upstream connection was given up, as --give-up-after says"),
        (ExitCode.DataLost, "data could not be recorded because the disk was full, missing or too slow"),
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
            Host.WriteMessage($"kisfeed: SIMULATED DATA: {(configuration.Problem is null ? "--simulate" : "no credentials were found")}, "
                + "so this gateway serves simulated data, not a real market");
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
        var instruments = await _instruments.ReadAsync(arguments, cancellationToken);
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
            var source = service is null ? $"the cluster at {cluster!.Name}" : InWords(kind, service);
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
        Host.WriteMessage("kisfeed: the options are valid");
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
            Host.WriteMessage("kisfeed: nothing more comes from upstream; the gateway keeps running and serves what it has: "
                + "correct the cause, then start it again");
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
                $"other machines can reach {options.Address}, and without tokens anyone could connect: give your programs tokens ('kisfeed "
                    + "gateway token add NAME'), or listen on 127.0.0.1; --insecure-no-tokens allows everyone",
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
            ? throw new CommandException($"{_keep.Name} {other}: the cluster decides which ingest registers a key: use {_keep.Name} at an "
                + "edge; an ingest keeps order notices only")
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
        UpstreamKind.Simulator => "SIMULATED DATA",
        UpstreamKind.Replay => "a replayed capture",
        _ => $"the service at {(upstream.WebSocketUrl ?? KisEndpoints.WebSocket(upstream.Environment)).GetLeftPart(UriPartial.Authority)}",
    };

    private static Option<Uri?> OtlpOption()
    {
        var option = new ValueOption<Uri?>("--otlp", "http://…",
            "Send metrics to this OpenTelemetry collector: port 4317 for gRPC, any other for HTTP. "
                + "[OTEL_EXPORTER_OTLP_ENDPOINT, else none]");
        option.CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return address;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid address. Use one that begins with http:// or https://.");
            return null;
        };
        return option;
    }
}
