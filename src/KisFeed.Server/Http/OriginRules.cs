using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Server;

/// <summary>
/// With which <c>Origin</c> a browser may come. Any page that its user looks at can connect to any address, this machine's too, and the browser says only afterwards, or never, whose page it was.
/// </summary>
internal sealed class OriginRules
{
    private static readonly FrozenSet<string> s_loopbackHosts = FrozenSet.Create(StringComparer.Ordinal, "localhost", "127.0.0.1", "[::1]");

    private readonly FrozenSet<WebOrigin> _allowed;

    /// <summary>Rules that allow the server's own pages and those of some other origins.</summary>
    /// <param name="allowed">The others, as they stand in the header: <c>https://charts.example</c>, <c>http://localhost:5173</c>.</param>
    /// <exception cref="KisFeedConfigurationException">One of them is no origin.</exception>
    public OriginRules(IEnumerable<string> allowed) => _allowed = allowed.Select(Parse).ToFrozenSet();

    /// <summary>
    /// Whether a request may pass. One without the header may: no browser lets a page open a WebSocket or read an answer of another origin without it. Beside the origins that were given those pass whose host is a
    /// name of this machine's loopback, or the very address that the request came in at, with the server's port. The <c>Host</c> header is not asked: whose page it is decides what stands there (DNS rebinding).
    /// </summary>
    /// <param name="header">All values of the header.</param>
    /// <param name="address">The address that the request came in at; <see langword="null"/> where it is not known.</param>
    /// <param name="port">The port of the server.</param>
    public bool Allows(StringValues header, IPAddress? address, int port)
    {
        if (header.Count == 0)
            return true;
        if (header.Count > 1 || !WebOrigin.TryParse(header[0], out var origin))
            return false;
        return _allowed.Contains(origin) || (origin.Port == port && (s_loopbackHosts.Contains(origin.Host) || (address is not null && origin.Host == WebOrigin.HostOf(address))));
    }

    /// <summary>
    /// Whether a <c>Host</c> header names this machine's loopback, an IP address, or the host of an origin that was given. To be asked where no credentials are: a page whose name was made to point here (DNS rebinding) is
    /// of one origin with the gateway to the browser, which then sends no <c>Origin</c>; but its name stands here.
    /// </summary>
    /// <param name="header">All values of the header.</param>
    public bool AllowsHost(StringValues header)
    {
        if (header.Count != 1 || !WebOrigin.TryParse($"http://{header[0]}", out var named))
            return false;
        return s_loopbackHosts.Contains(named.Host) || named.Host.StartsWith('[') || IsIPv4(named.Host) || _allowed.Any(o => o.Host == named.Host);
    }

    /// <summary>
    /// Whether a request without an <c>Origin</c> comes from a page all the same, and one that is not the server's own. Images, scripts and links of other pages come so. Those of a neighbouring port or name are no better: only
    /// what was allowed by its origin is. A program sends no such header.
    /// </summary>
    /// <param name="headers">The headers of the request.</param>
    public static bool IsOfForeignPage(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"].Any(value => !string.Equals(value, "same-origin", StringComparison.OrdinalIgnoreCase) && !string.Equals(value, "none", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether a browser is about to show the answer as a page of its own: somebody followed a link, or opened a bookmark. The page that led here gets nothing of it. Frames, and what scripts ask for, are none.
    /// </summary>
    /// <param name="headers">The headers of the request.</param>
    public static bool IsNavigation(IHeaderDictionary headers) => headers["Sec-Fetch-Mode"] is ["navigate"] && headers["Sec-Fetch-Dest"] is ["document"];

    // Of four parts: the parser takes shorter forms too, which could be names.
    private static bool IsIPv4(string host) => host.Count('.') == 3 && IPAddress.TryParse(host, out var address) && address.ToString() == host;

    private static WebOrigin Parse(string text) => WebOrigin.TryParse(text, out var origin)
        ? origin
        : throw new KisFeedConfigurationException($"'{text}' is no origin that pages could be allowed from: it has the form https://charts.example or http://localhost:5173, without a path and without wildcards");
}
