using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using KisFeed.Capture;
using KisFeed.Gateway.Broker;
using KisFeed.Gateway.Certificates;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Gateway.Web;
using KisFeed.Gateway.Web.Metrics;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway;

/// <summary>
/// A server that speaks the broker's protocol and HTTP on one port, and shares one upstream among any number of programs: each key is
/// registered upstream once, and every frame is delivered unchanged to all consumers of the key.
/// </summary>
/// <remarks>
/// A consumer's connection outlives upstream's: while upstream is lost, nothing arrives, and registrations are restored later. A consumer
/// that does not keep up is disconnected, without affecting others (<see cref="GatewayOptions.MaxQueueBytes"/>).
/// </remarks>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly Upstream _upstream;
    private readonly ServerHost _host;
    private readonly StreamDispatcher _streams;
    private readonly AccessControl _access;
    private readonly CertificateStore? _certificate;
    private readonly RecordedDays? _history;
    private readonly StatusReader _status;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger _logger;

    private GatewayServer(
        Upstream upstream,
        StreamDispatcher streams,
        ServerHost host,
        AccessControl access,
        CertificateStore? certificate,
        RecordedDays? history,
        StatusReader status,
        IMeterFactory? meters,
        ILogger logger)
    {
        _upstream = upstream;
        _streams = streams;
        _host = host;
        _access = access;
        _certificate = certificate;
        _history = history;
        _status = status;
        _logger = logger;
        _metrics = new GatewayMetrics(meters, status, access);
    }

    /// <summary>The TCP port it listens on.</summary>
    public int Port => RestUrl.Port;

    /// <summary>The base URL of the REST endpoints, e.g. <c>http://127.0.0.1:21000</c>.</summary>
    public Uri RestUrl => _host.RestUrl;

    /// <summary>The base URL of the feeds, e.g. <c>ws://127.0.0.1:21000</c>; with or without the path <c>/tryitout</c>.</summary>
    public Uri WebSocketUrl => _host.WebSocketUrl;

    /// <summary>
    /// The additional URL of health checks and metrics, e.g. <c>http://127.0.0.1:21001</c>; <see langword="null"/> without a
    /// <see cref="GatewayOptions.HealthPort"/>.
    /// </summary>
    public Uri? HealthUrl => _host.HealthUrl;

    /// <summary>Whether it admits everybody who can reach it.</summary>
    public bool IsOpen => _access.Accounts.IsOpen;

    /// <summary>
    /// Completes when nothing more comes: successfully when the gateway has stopped, with a
    /// <see cref="ConnectionLostException"/> if upstream failed permanently. The message of the exception says what to fix. The
    /// gateway keeps responding then, and refuses registrations.
    /// </summary>
    public Task Completion => _upstream.Hub.Completion;

    /// <summary>Registers keys for something other than a consumer, such as the placement of a cluster.</summary>
    public IPlacedKeys PlacedKeys => _upstream.Placed;

    /// <summary>The current status.</summary>
    public GatewayStatus Status => _status.Read();

    /// <summary>Its accounts.</summary>
    internal Accounts Accounts => _access.Accounts;

    /// <summary>Its counters of refusals.</summary>
    internal Refusals Refusals => _access.Refusals;

    /// <summary>The route patterns of all endpoints.</summary>
    internal IReadOnlyList<string> Routes => _host.Routes;

    /// <summary>Starts a gateway. It listens when the task completes, whether or not upstream is reachable.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">
    /// An option of <see cref="GatewaySource.Service"/>, one of the limits, an origin, the certificate, or the token file cannot be used.
    /// </exception>
    /// <exception cref="CaptureException">The folder of captures cannot be written to, or another recorder writes to it.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<GatewayServer> StartAsync(GatewayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Validate();
        var meters = new MeterSet();
        options = meters.Observe(options);
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<GatewayServer>();
        options = WithinDescriptors(options, logger);
        var access = AccessControl.Open(options, address, logger);
        var frames = new LastFrames();
        var streams = new StreamDispatcher(frames, options);
        CertificateStore? certificate = null;
        Socket? listener = null;
        try
        {
            certificate = OpenCertificate(options, access, logger);

            // Before the client connects, so that no session is opened if the port is in use.
            listener = ListenSocket.Open(new IPEndPoint(address, options.Port));
            var counters = new ServerCounters();
            var broker = new BrokerCounters();
            var connections = new ConnectionSet();
            var source = options.Upstream.Open(meters.Track, options.MeterFactory!);
            var dispatcher = new BrokerDispatcher(source.Catalog, connections, broker, options.MaxQueueBytes, logger);
            var days = new IntradayHistory();
            var items = new HubFanOut([frames, days, dispatcher, streams]);
            var upstream = await Hub.Upstream.StartAsync(source, options, items, logger).ConfigureAwait(false);
            var approvalKeys = new ApprovalKeys(options.TimeProvider);
            var brokerEndpoints = new BrokerEndpoints(
                source.Catalog,
                new BrokerContext(
                    options, access, approvalKeys, broker, upstream.Hub, dispatcher, new Snapshots(items, frames, dispatcher), logger),
                connections,
                counters);
            var history = upstream.Recorder is { } recorder
                ? new RecordedDays(
                    new HistorySource(recorder, options.Recording!, source.Catalog, options.TimeProvider, upstream.Sink?.Archive), days)
                : null;
            var status = new StatusReader(options, upstream, frames, access, streams.Counters, counters, broker);
            var web = new WebEndpoints(
                options, access, approvalKeys, upstream, frames, days, history, streams, status, meters, logger);
            var listening = new ServerHostOptions
            {
                EndPoint = (IPEndPoint)listener.LocalEndPoint!,
                Listener = listener,
                Loggers = options.LoggerFactory,
                MapEndpoints = web.Map,
                AnswerUnknownPaths = false,
                Limits = access.Limits,
                Health = options.HealthEndPoint is { } health ? new HealthEndpoint(health, HealthPages.Paths) : null,
                Kestrel = options.Kestrel,
                SetUpHandshake = certificate is null ? null : certificate.SetUp,
            };
            var host = await ListenAsync(listening, brokerEndpoints, upstream, cancellationToken).ConfigureAwait(false);
            var server = new GatewayServer(upstream, streams, host, access, certificate, history, status, options.MeterFactory, logger);
            GatewayLog.Started(logger, server.RestUrl);
            if (access.Accounts.IsOpen)
                GatewayLog.OpenToEveryone(logger, options.Address);
            return server;
        }
        catch
        {
            listener?.Dispose();
            certificate?.Dispose();
            streams.Dispose();
            access.Dispose();
            throw;
        }
    }

    /// <summary>Checks the options and the files that they name, as the start does, without starting anything.</summary>
    /// <returns>The address to listen on.</returns>
    /// <exception cref="ArgumentException">An option is not valid; the message says which and why.</exception>
    /// <exception cref="KisFeedConfigurationException">An option, a limit, an origin, the certificate, or the
    /// token file cannot be used.</exception>
    internal static IPAddress Check(GatewayOptions options)
    {
        var address = options.Validate();
        using var access = AccessControl.Open(options, address, NullLogger.Instance);
        using var certificate = OpenCertificate(options, access, NullLogger.Instance);
        return address;
    }

    /// <summary>
    /// Reads <see cref="GatewayOptions.TokenFile"/> now instead of at the next check. If the file cannot be used, this is logged, and the
    /// consumers read before stay in force.
    /// </summary>
    public void ReloadConsumers()
    {
        _access.Audit.OperatorAction("read the token file again");
        _access.Reload();
    }

    /// <summary>
    /// Reads the files of the certificate and the client CA now instead of at the next check. New connections get the new certificate; open
    /// connections stay open. If the files cannot be used, this is logged, and the previous certificate stays in use.
    /// </summary>
    public void ReloadCertificate()
    {
        _access.Audit.OperatorAction("read the certificate again");
        _certificate?.Reload();
    }

    /// <summary>
    /// Stops reading from upstream, closes every connection with a reason, and ends within a few seconds, whatever clients do. If the
    /// gateway records, everything received by then is recorded. May be called again.
    /// </summary>
    public Task StopAsync() => _host.StopOnceAsync(StopCoreAsync);

    /// <summary>Stops the gateway if it is running.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<ServerHost> ListenAsync(
        ServerHostOptions options, BrokerEndpoints broker, Upstream upstream, CancellationToken cancellationToken)
    {
        try
        {
            return await ServerHost.StartAsync(options, broker.OAuth, broker.WebSocket, upstream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
            when (options.Kestrel is not null && e is CryptographicException or InvalidOperationException or NotSupportedException)
        {
            throw UnusableCertificate(e);
        }
    }

    private static GatewayOptions WithinDescriptors(GatewayOptions options, ILogger logger)
    {
        var connections = DescriptorLimit.Clamp(options.MaxConnections, DescriptorLimit.Current);
        if (connections == options.MaxConnections)
            return options;
        GatewayLog.FewerConnections(logger, connections, options.MaxConnections, DescriptorLimit.Current!.Value, DescriptorLimit.Reserve);
        return options with { MaxConnections = connections };
    }

    private static CertificateStore? OpenCertificate(GatewayOptions options, AccessControl access, ILogger logger)
    {
        if (CertificateFiles.From(options.Kestrel) is not { } files)
            return null;
        try
        {
            return new CertificateStore(
                files, options.ClientCa, options.CertificateReloadInterval, options.TimeProvider,
                () => access.Refusals.Add(AccessRefusalReason.Certificate), logger);
        }
        catch (KisFeedConfigurationException e)
        {
            throw UnusableCertificate(e);
        }
    }

    private static KisFeedConfigurationException UnusableCertificate(Exception e) => new($"the certificate cannot be used: {e.Message}", e);

    private async Task StopCoreAsync()
    {
        await _upstream.StopForwardingAsync().ConfigureAwait(false);
        _streams.EndAll("the gateway stops");
        await Task.WhenAll(_host.CloseAsync("the gateway stops"), _upstream.DisposeAsync().AsTask()).ConfigureAwait(false);
        _metrics.Dispose();
        _streams.Dispose();
        await _access.EndAsync().ConfigureAwait(false);
        _access.Dispose();
        _certificate?.Dispose();
        _history?.Dispose();
        GatewayLog.Stopped(_logger);
    }
}
