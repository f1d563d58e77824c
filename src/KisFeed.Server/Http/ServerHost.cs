using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server;

/// <summary>The endpoints on Kestrel, on one port. Reads no configuration, no environment and no signals.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private const int MaxRequestBody = 16 * 1024;

    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly ConnectionSet _connections;
    private readonly IDisposable? _badRequests;

    private ServerHost(WebApplication application, ConnectionSet connections, IDisposable? badRequests)
    {
        _badRequests = badRequests;
        _application = application;
        _connections = connections;
        RestUrl = AddressOf(application);
        WebSocketUrl = new UriBuilder(RestUrl) { Scheme = Uri.UriSchemeWs }.Uri;
    }

    /// <summary>Where it can be reached from this machine, as an <c>http</c> address.</summary>
    public Uri RestUrl { get; }

    /// <summary>The same as a <c>ws</c> address.</summary>
    public Uri WebSocketUrl { get; }

    /// <summary>The patterns of all paths that are answered.</summary>
    public IReadOnlyList<string> Routes =>
        [.. ((IEndpointRouteBuilder)_application).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText ?? "")];

    /// <summary>Starts a server. It listens when the task completes.</summary>
    /// <param name="endPoint">Where to listen; port 0 takes a free one.</param>
    /// <param name="oauth">The REST side.</param>
    /// <param name="webSocket">The WebSocket side.</param>
    /// <param name="connections">The connections of <paramref name="webSocket"/>, which are closed when the server stops.</param>
    /// <param name="loggers">Where the web server itself logs, what goes wrong and no more: its other messages have the addresses of requests in them, and those may hold approval keys.</param>
    /// <param name="mapMore">Adds endpoints that the broker does not have, and what stands before them all.</param>
    /// <param name="limits">What is taken of clients; what Kestrel does where it is not given.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ServerHost> StartAsync(
        IPEndPoint endPoint,
        OAuthEndpoints oauth,
        WebSocketEndpoint webSocket,
        ConnectionSet connections,
        ILoggerFactory? loggers,
        Action<WebApplication>? mapMore,
        ServerLimits? limits,
        CancellationToken cancellationToken)
    {
        var application = Create(endPoint, loggers, limits);
        var badRequests = limits?.OnBadRequest is { } onBadRequest ? new BadRequests(onBadRequest).Observe(application.Services.GetRequiredService<DiagnosticListener>()) : null;
        application.MapPost("/oauth2/Approval", (RequestDelegate)oauth.ApproveAsync);
        application.MapPost("/oauth2/tokenP", (RequestDelegate)oauth.IssueTokenAsync);
        application.MapGet("/tryitout/{trId?}", (RequestDelegate)webSocket.HandleAsync);
        mapMore?.Invoke(application);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            badRequests?.Dispose();
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new ServerHost(application, connections, badRequests);
    }

    /// <summary>Closes every connection with this reason, and ends within about two seconds, whatever clients do.</summary>
    /// <param name="reason">What the close frames say.</param>
    /// <param name="readTime">How long clients have to read what is queued for them, where they are to have more than that.</param>
    public async Task StopAsync(string reason, TimeSpan? readTime = null)
    {
        _connections.CloseAll(reason, readTime);
        using var patience = new CancellationTokenSource(s_stopPatience + (readTime ?? TimeSpan.Zero));
        await _application.StopAsync(patience.Token).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _badRequests?.Dispose();
        return _application.DisposeAsync();
    }

    private static WebApplication Create(IPEndPoint endPoint, ILoggerFactory? loggers, ServerLimits? limits)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
            // How slow a client may read is the business of where the data come from.
            kestrel.Limits.MinResponseDataRate = null;
            if (limits is not null)
                Limit(kestrel.Limits, limits);
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (limits is not null)
                    listen.Use(new ConnectionCap(limits.MaxConnections, limits.OnConnectionRefused).Before);
            });
        });
        builder.Services.AddSingleton<ILoggerFactory>(loggers is null ? NullLoggerFactory.Instance : new WarningLoggerFactory(loggers));
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        return builder.Build();
    }

    // The longest body at the least rate takes as long as a request may.
    private static void Limit(KestrelServerLimits kestrel, ServerLimits limits)
    {
        kestrel.RequestHeadersTimeout = limits.RequestTimeout;
        kestrel.KeepAliveTimeout = limits.IdleTimeout;
        kestrel.MinRequestBodyDataRate = new MinDataRate(MaxRequestBody / limits.RequestTimeout.TotalSeconds, limits.RequestTimeout);
    }

    private static Uri AddressOf(WebApplication application)
    {
        var bound = new Uri(application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        var host = IPAddress.TryParse(bound.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? IPAddress.Loopback.ToString()
            : bound.Host;
        return new UriBuilder(Uri.UriSchemeHttp, host, bound.Port).Uri;
    }
}
