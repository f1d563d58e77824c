using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>How a server listens, and what it has beside the broker's endpoints.</summary>
internal sealed record ServerHostOptions
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>The socket that listens there already (<see cref="ListenSocket"/>), which the server disposes of; <see langword="null"/> where the server makes one.</summary>
    public Socket? Listener { get; init; }

    /// <summary>
    /// Where the web server itself logs, what goes wrong and no more: its other messages have the addresses of requests in them, and those may hold approval keys.
    /// </summary>
    public ILoggerFactory? Loggers { get; init; }

    /// <summary>Adds endpoints that the broker does not have, and what stands before them all.</summary>
    public Action<WebApplication>? MapMore { get; init; }

    /// <summary>Whether a path that does not exist is answered as the broker does. Default yes; no for a server that answers them by itself.</summary>
    public bool AnswerUnknownPaths { get; init; } = true;

    /// <summary>Whether addresses of requests may hold bytes beyond ASCII that are not percent-encoded, as text in UTF-8. Default no: such requests are refused.</summary>
    public bool TakesUnencodedAddresses { get; init; }

    /// <summary>Stands before everything that the server answers; <see langword="null"/> where each endpoint looks for itself.</summary>
    public BrowserRequestGate? Gate { get; init; }

    /// <summary>A second port for those who watch over the server; <see langword="null"/> for none.</summary>
    public HealthEndpoint? Health { get; init; }

    /// <summary>What is taken of clients.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>
    /// Kestrel's configuration, the section that is called so. With <c>Certificates:Default</c> the server speaks TLS. <c>Endpoints</c> is not for it: there is one, <see cref="EndPoint"/>.
    /// </summary>
    public IConfiguration? Kestrel { get; init; }

    /// <summary>Sets up each TLS handshake when it begins; <see langword="null"/> for always the certificate that <see cref="Kestrel"/> had at the start, and none of clients.</summary>
    public Action<SslServerAuthenticationOptions>? SetUpHandshake { get; init; }
}
