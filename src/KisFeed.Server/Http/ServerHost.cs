using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Http;

/// <summary>
/// Hosts the endpoints on Kestrel, on one port, and has what every server has: addresses, connections, counters and an end that happens
/// once. Reads no configuration, no environment and no signals.
/// </summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private const int MaxRequestBody = 16 * 1024;
    private const double MinResponseRate = 1 << 20; // Bytes per second.

    // How much Kestrel reads ahead of a client that is held back. Its default of 1 MiB would fill the memory with thousands of connections.
    private const int MaxRequestBuffer = 64 * 1024;

    private static readonly RequestRefusal s_tooManyConnections = new(
        StatusCodes.Status503ServiceUnavailable, "this address has reached its limit of connections");

    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly List<IDisposable> _observers;
    private readonly Lock _gate = new();
    private Task? _stopping;

    private ServerHost(WebApplication application, WebSocketEndpoint webSocket, List<IDisposable> observers)
    {
        _observers = observers;
        _application = application;
        Connections = webSocket.Connections;
        Counters = webSocket.Counters;
        RestUrl = AddressOf(application, 0)!;
        HealthUrl = AddressOf(application, 1);
        WebSocketUrl = new UriBuilder(RestUrl) { Scheme = RestUrl.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs }.Uri;
    }

    /// <summary>The address of the server on this machine, <c>http</c> or <c>https</c>.</summary>
    public Uri RestUrl { get; }

    public Uri WebSocketUrl { get; }

    /// <summary>The address of the health port, or <see langword="null"/> if there is none.</summary>
    public Uri? HealthUrl { get; }

    public ConnectionSet Connections { get; }

    public ServerCounters Counters { get; }

    /// <summary>The patterns of all routes, as OpenAPI writes them except for optional parts.</summary>
    public IReadOnlyList<string> Routes =>
        [.. ((IEndpointRouteBuilder)_application).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText?.Replace("{**", "{", StringComparison.Ordinal) ?? "")];

    /// <summary>Starts a server. The server listens when the task completes.</summary>
    /// <param name="options">The options of the host.</param>
    /// <param name="oauth">The REST endpoints.</param>
    /// <param name="webSocket">The WebSocket endpoint.</param>
    /// <param name="source">The source of the data. It is disposed if the server does not start.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">The port is in use, or the certificate cannot be read.</exception>
    /// <exception cref="InvalidOperationException">Kestrel's configuration is not valid.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate, its key or its password is wrong.</exception>
    public static async Task<ServerHost> StartAsync(
        ServerHostOptions options, OAuthEndpoints oauth, WebSocketEndpoint webSocket, IAsyncDisposable source,
        CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(options, oauth, webSocket, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Stops a server with a function that calls <see cref="CloseAsync"/>. Only the first call runs its
    /// function; the others return the same task.
    /// </summary>
    public Task StopOnceAsync(Func<Task> stop)
    {
        lock (_gate)
            return _stopping ??= stop();
    }

    /// <summary>Closes every connection with this reason. Ends within about two seconds, whatever clients do.</summary>
    /// <param name="reason">The reason in the close frames.</param>
    /// <param name="readTime">Additional time for clients to read their queued messages.</param>
    public async Task CloseAsync(string reason, TimeSpan? readTime = null)
    {
        Connections.CloseAll(reason, readTime);
        using var timeout = new CancellationTokenSource(s_stopTimeout + (readTime ?? TimeSpan.Zero));
        await _application.StopAsync(timeout.Token).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        End(_observers);
        return _application.DisposeAsync();
    }

    private static async Task<ServerHost> StartAsync(
        ServerHostOptions options, OAuthEndpoints oauth, WebSocketEndpoint webSocket, CancellationToken cancellationToken)
    {
        var application = Create(options);
        var mistakes = new ClientMistakes(
            (options.Loggers ?? NullLoggerFactory.Instance).CreateLogger<ClientMistakes>(), options.Limits.OnBadRequest);
        var observers = Observe(application.Services, options.Limits, mistakes);
        application.Use(mistakes.InvokeAsync);
        if (options.Gate is { } gate)
            application.Use(gate.InvokeAsync);
        if (options.Health is { } health)
            application.Use(health.InvokeAsync);
        if (options.Limits.TrustedProxies.Networks.Count > 0)
            Forward(application, options.Limits);
        application.MapPost(OAuthEndpoints.PathPrefix + "/Approval", (RequestDelegate)oauth.ApproveAsync);
        application.MapPost(OAuthEndpoints.PathPrefix + "/tokenP", (RequestDelegate)oauth.IssueTokenAsync);
        application.MapPost(OAuthEndpoints.PathPrefix + "/revokeP", (RequestDelegate)oauth.RevokeTokenAsync);
        application.MapGet("/tryitout/{trId?}", (RequestDelegate)webSocket.HandleAsync);
        application.MapGet($"/revision/{{{WebSocketEndpoint.RevisionParameter}}}/{{**rest}}", (RequestDelegate)webSocket.HandleAsync);
        options.MapEndpoints?.Invoke(application);

        // Most published clients connect without a path, which is also the path of the gateway's dashboard.
        application.Use((context, next) => IsWebSocketAtRoot(context) ? webSocket.HandleAsync(context) : next(context));
        if (options.AnswerUnknownPaths)
            application.Use(AnswerUnknownPathAsync);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            End(observers);
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new ServerHost(application, webSocket, observers);
    }

    private static WebApplication Create(ServerHostOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        if (IsSecure(options))
            builder.WebHost.UseKestrelHttpsConfiguration();
        var loggers = options.Loggers;
        var warnings = loggers is null
            ? NullLoggerFactory.Instance
            : LoggerFactory.Create(logging =>
            {
                // The scopes of requests hold their paths, which may name keys and HTS IDs.
                logging.Services.Configure<LoggerFilterOptions>(static filter => filter.CaptureScopes = false);
                logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new LoggerForwarder(loggers));
            });
        builder.Services.AddSingleton(warnings);
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LimitedConnectionListenerFactory(
            options.Listener,
            ConnectionsOf(options.Limits) + ServerLimits.ConnectionsBeingClosed,
            options.Limits.OnConnectionRefused,
            warnings.CreateLogger<LimitedConnectionListenerFactory>()));
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        return builder.Build();
    }

    private static void Configure(KestrelServerOptions kestrel, ServerHostOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
        kestrel.Limits.MaxRequestBufferSize = MaxRequestBuffer;
        Limit(kestrel.Limits, options.Limits);
        if (options.Kestrel is not null)
            kestrel.Configure(options.Kestrel);
        kestrel.Listen(options.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            var limits = options.Limits;
            listen.Use(new ConnectionLimiter(limits, ConnectionsOf(limits)).Before);
            listen.Use(new FirstByteTimeout(limits.RequestTimeout, limits.OnSilence).Before);
            if (limits.UsesProxyProtocol)
                listen.Use(new ProxyProtocol(limits.TrustedProxies, limits.RequestTimeout, limits.OnConnectionRefused).Before);
            if (IsSecure(options))
                listen.UseHttps(https => Configure(https, options));
        });
        if (options.Health is { } health)
            kestrel.Listen(health.EndPoint, listen => ListenForHealth(listen, options.Limits));
    }

    private static void ListenForHealth(ListenOptions listen, ServerLimits limits)
    {
        var own = new ServerLimits { MaxUnauthenticatedShare = 1, OnConnectionRefused = limits.OnConnectionRefused };
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(new ConnectionLimiter(own, HealthEndpoint.MaxConnections).Before);
        listen.Use(new FirstByteTimeout(limits.RequestTimeout, limits.OnSilence).Before);
        listen.Use(HealthEndpoint.Mark);
    }

    // The rightmost address that is not a trusted proxy's is the client's. Addresses to the left of it are claims of the client.
    private static void Forward(WebApplication application, ServerLimits limits)
    {
        var forwarding = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarding.KnownProxies.Clear();
        forwarding.KnownIPNetworks.Clear();
        foreach (var network in limits.TrustedProxies.Networks)
            forwarding.KnownIPNetworks.Add(network);
        application.UseForwardedHeaders(forwarding);
        application.Use(async (context, next) =>
        {
            if (context.Features.Get<IConnectionAdmission>()?.TryMove(context.Connection.RemoteIpAddress) != false)
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            limits.OnConnectionRefused?.Invoke();
            context.Response.Headers.Connection = "close";
            await s_tooManyConnections.WriteAsync(context).ConfigureAwait(false);
        });
    }

    private static void Configure(HttpsConnectionAdapterOptions https, ServerHostOptions options)
    {
        https.HandshakeTimeout = options.Limits.RequestTimeout;
        if (options.SetUpHandshake is { } setUp)
            https.OnAuthenticate = (_, handshake) => setUp(handshake);
    }

    private static int ConnectionsOf(ServerLimits limits) => DescriptorLimit.Clamp(limits.MaxConnections, DescriptorLimit.Current);

    private static bool IsSecure(ServerHostOptions options) => options.Kestrel?.GetSection("Certificates:Default").Exists() == true;

    // The longest body at the minimum rate takes as long as a request may. Responses have that time as a grace period, and they are
    // shorter; but Kestrel adds up the allowed time of everything written before, which is megabytes in the system's buffers: with a low
    // rate a client that sends requests and reads nothing would have hours.
    private static void Limit(KestrelServerLimits kestrel, ServerLimits limits)
    {
        kestrel.RequestHeadersTimeout = limits.RequestTimeout;
        kestrel.KeepAliveTimeout = limits.IdleTimeout;
        kestrel.MinRequestBodyDataRate = new MinDataRate(MaxRequestBody / limits.RequestTimeout.TotalSeconds, limits.RequestTimeout);
        kestrel.MinResponseDataRate = new MinDataRate(MinResponseRate, limits.RequestTimeout);
    }

    private static List<IDisposable> Observe(IServiceProvider services, ServerLimits limits, ClientMistakes mistakes)
    {
        List<IDisposable> observers =
            [new BadRequestObserver(mistakes.OnBadRequest).Observe(services.GetRequiredService<DiagnosticListener>())];
        if (limits.OnUnreadResponse is { } onUnreadAnswer)
            observers.Add(SlowResponseObserver.Observe(services.GetRequiredService<IMeterFactory>(), onUnreadAnswer));
        return observers;
    }

    private static async Task AnswerUnknownPathAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound, ContentType: null }
            && context.GetEndpoint() is null)
        {
            await OAuthEndpoints.AnswerUnknownPathAsync(context).ConfigureAwait(false);
        }
    }

    private static bool IsWebSocketAtRoot(HttpContext context) =>
        context.Request.Path == "/" && HttpMethods.IsGet(context.Request.Method) && WebSocketHandshake.IsRequested(context);

    private static void End(List<IDisposable> observers) => observers.ForEach(static observer => observer.Dispose());

    private static Uri? AddressOf(WebApplication application, int index)
    {
        if (application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .ElementAtOrDefault(index)
            is not { } text)
        {
            return null;
        }
        var bound = new Uri(text);
        var host =
            IPAddress.TryParse(bound.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
                ? IPAddress.Loopback.ToString()
                : bound.Host;
        return new UriBuilder(bound.Scheme, host, bound.Port).Uri;
    }
}

/// <summary>The lifetime of an embedded server. It ignores signals, which the host program handles.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Creates loggers of another factory, which is not disposed.</summary>
internal sealed class LoggerForwarder(ILoggerFactory inner) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => inner.CreateLogger(categoryName);

    public void Dispose()
    {
        // The factory belongs to its owner.
    }
}
