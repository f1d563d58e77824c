using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>How a server listens, and its additions to the broker's endpoints.</summary>
internal sealed record ServerHostOptions
{
    /// <summary>The address to listen on. Port 0 chooses a free port.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>
    /// A socket that listens there already (<see cref="ListenSocket"/>). The server disposes of it. Default: the server opens one.
    /// </summary>
    public Socket? Listener { get; init; }

    /// <summary>
    /// The loggers for warnings and errors of the web server. Its other messages contain request URLs, which may contain approval keys.
    /// </summary>
    public ILoggerFactory? Loggers { get; init; }

    /// <summary>Adds endpoints that the broker does not have, and middleware.</summary>
    public Action<WebApplication>? MapEndpoints { get; init; }

    /// <summary>Whether to answer unknown paths as the broker does. Default: yes.</summary>
    public bool AnswerUnknownPaths { get; init; } = true;

    /// <summary>Checks every request; <see langword="null"/> if the endpoints check requests themselves.</summary>
    public BrowserRequestGate? Gate { get; init; }

    public HealthEndpoint? Health { get; init; }

    public ServerLimits Limits { get; init; } = new();

    /// <summary>
    /// The configuration section <c>Kestrel</c>. With <c>Certificates:Default</c> the server uses TLS. <c>Endpoints</c> must not be set:
    /// the server listens on <see cref="EndPoint"/>.
    /// </summary>
    public IConfiguration? Kestrel { get; init; }

    /// <summary>
    /// Configures each TLS handshake. <see langword="null"/> always uses the certificate that <see cref="Kestrel"/> had at the start,
    /// and asks for no client certificate.
    /// </summary>
    public Action<SslServerAuthenticationOptions>? SetUpHandshake { get; init; }
}

/// <summary>
/// A second port for monitoring, reachable however many clients connect to the server. It has its own connection limit and no TLS.
/// </summary>
internal sealed record HealthEndpoint(IPEndPoint EndPoint, ImmutableArray<string> Paths)
{
    /// <summary>The maximum number of concurrent connections. A new one replaces the oldest.</summary>
    public const int MaxConnections = 32;

    /// <summary>Marks the connections of this port.</summary>
    public static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new Marker());
        return next(connection);
    };

    /// <summary>Refuses requests on this port for other paths.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<Marker>() is null || Paths.Contains(context.Request.Path.Value ?? "", StringComparer.OrdinalIgnoreCase))
            return next(context);
        return new RequestRefusal(StatusCodes.Status404NotFound, $"this port serves only {string.Join(", ", Paths)}").WriteAsync(context);
    }

    private sealed class Marker;
}
