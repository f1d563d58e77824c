using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Server.Http;

/// <summary>
/// The web origins that may use a server. Any page in a browser can connect to any address, including those of this machine, and the
/// browser checks permissions afterwards or not at all.
/// </summary>
internal sealed class OriginRules
{
    private static readonly FrozenSet<string> s_loopbackHosts = FrozenSet.Create(StringComparer.Ordinal, "localhost", "127.0.0.1", "[::1]");

    private readonly FrozenSet<WebOrigin> _allowed;

    /// <summary>Rules that allow the server's own pages and those of some other origins.</summary>
    /// <param name="allowed">The other origins in the form of the header: <c>https://charts.example</c>,
    /// <c>http://localhost:5173</c>.</param>
    /// <exception cref="KisFeedConfigurationException">An entry is not a valid origin.</exception>
    public OriginRules(IEnumerable<string> allowed) => _allowed = allowed.Select(Parse).ToFrozenSet();

    /// <summary>
    /// Whether a request with this <c>Origin</c> may pass. A request without the header may pass: browsers always send it when a page
    /// opens a WebSocket or reads a response of another origin. Allowed are the configured origins, and those with the server's port whose
    /// host is a loopback name or the address on which the request arrived. The <c>Host</c> header is not considered, because an
    /// attacker's page controls it (DNS rebinding).
    /// </summary>
    public bool Allows(StringValues header, IPAddress? address, int port)
    {
        if (header.Count == 0)
            return true;
        if (header.Count > 1 || !WebOrigin.TryParse(header[0], out var origin))
            return false;
        return _allowed.Contains(origin)
            || (origin.Port == port
                && (s_loopbackHosts.Contains(origin.Host) || (address is not null && origin.Host == WebOrigin.HostOf(address))));
    }

    /// <summary>
    /// Whether a <c>Host</c> header names the loopback, an IP address or the host of an allowed origin. Check it on servers without
    /// credentials: if a page's name was made to resolve to this machine (DNS rebinding), the browser considers page and server one origin
    /// and sends no <c>Origin</c>; but the name appears in <c>Host</c>.
    /// </summary>
    public bool AllowsHost(StringValues header)
    {
        if (header.Count != 1 || !WebOrigin.TryParse($"http://{header[0]}", out var named))
            return false;
        return s_loopbackHosts.Contains(named.Host)
            || named.Host.StartsWith('[')
            || IsIPv4(named.Host)
            || _allowed.Any(o => o.Host == named.Host);
    }

    /// <summary>
    /// Whether a request without an <c>Origin</c> comes from a page of another site, such as an image, a script or a link. Pages of a
    /// neighbouring port or name count as other sites; only their origin can allow them. Programs do not send this header.
    /// </summary>
    public static bool IsCrossSite(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"].Any(value => !string.Equals(value, "same-origin", StringComparison.OrdinalIgnoreCase)
            && !string.Equals(value, "none", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the browser will show the response as a top-level page, after a link or bookmark was opened. The referring page cannot read
    /// it. Frames and requests of scripts are not navigations.
    /// </summary>
    public static bool IsNavigation(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Mode"] is ["navigate"] && headers["Sec-Fetch-Dest"] is ["document"];

    // Requires four parts, because the parser accepts shorter forms, which could be names.
    private static bool IsIPv4(string host) =>
        host.Count('.') == 3 && IPAddress.TryParse(host, out var address) && address.ToString() == host;

    private static WebOrigin Parse(string text) => WebOrigin.TryParse(text, out var origin)
        ? origin
        : throw new KisFeedConfigurationException($"'{text}' is not a valid origin. Use the form https://charts.example or "
            + "http://localhost:5173, without a path and without wildcards");
}
