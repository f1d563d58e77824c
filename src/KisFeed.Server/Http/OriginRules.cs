using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Server.Http;

/// <summary>
/// The web origins that may use a server. Any page in a browser can connect to any address, including those of this machine, and the browser checks
/// permissions afterwards or not at all.
/// </summary>
internal sealed class OriginRules
{
    private static readonly FrozenSet<string> s_loopbackHosts = FrozenSet.Create(StringComparer.Ordinal, "localhost", "127.0.0.1", "[::1]");

    private readonly FrozenSet<WebOrigin> _allowed;

    /// <summary>Rules that allow the server's own pages and those of some other origins.</summary>
    /// <param name="allowed">The other origins in the form of the header: <c>https://charts.example</c>, <c>http://localhost:5173</c>.</param>
    /// <exception cref="KisFeedConfigurationException">An entry is not a valid origin.</exception>
    public OriginRules(IEnumerable<string> allowed) => _allowed = allowed.Select(Parse).ToFrozenSet();

    /// <summary>
    /// Whether a request with this <c>Origin</c> may pass. A request without the header may pass: browsers always send it when a page opens a
    /// WebSocket or reads a response of another origin. Allowed are the configured origins, and those with the server's port whose host is a loopback
    /// name or the address on which the request arrived. The <c>Host</c> header is not considered, because an attacker's page controls it (DNS
    /// rebinding).
    /// </summary>
    public bool Allows(StringValues header, IPAddress? address, int port)
    {
        if (header.Count == 0)
            return true;
        if (header.Count > 1 || !WebOrigin.TryParse(header[0], out var origin))
            return false;
        return _allowed.Contains(origin) || (origin.Port == port && (s_loopbackHosts.Contains(origin.Host) || (address is not null && origin.Host == WebOrigin.HostOf(address))));
    }

    /// <summary>
    /// Whether a <c>Host</c> header names the loopback, an IP address or the host of an allowed origin. Check it on servers without credentials: if a
    /// page's name was made to resolve to this machine (DNS rebinding), the browser considers page and server one origin and sends no <c>Origin</c>;
    /// but the name appears in <c>Host</c>.
    /// </summary>
    public bool AllowsHost(StringValues header)
    {
        if (header.Count != 1 || !WebOrigin.TryParse($"http://{header[0]}", out var named))
            return false;
        return s_loopbackHosts.Contains(named.Host) || named.Host.StartsWith('[') || IsIPv4(named.Host) || _allowed.Any(o => o.Host == named.Host);
    }

    /// <summary>
    /// Whether a request without an <c>Origin</c> comes from a page of another site, such as an image, a script or a link. Pages of a neighbouring
    /// port or name count as other sites; only their origin can allow them. Programs do not send this header.
    /// </summary>
    public static bool IsCrossSite(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"].Any(value => !string.Equals(value, "same-origin", StringComparison.OrdinalIgnoreCase) && !string.Equals(value, "none", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the browser will show the response as a top-level page, after a link or bookmark was opened. The referring page cannot read it. Frames and
    /// requests of scripts are not navigations.
    /// </summary>
    public static bool IsNavigation(IHeaderDictionary headers) => headers["Sec-Fetch-Mode"] is ["navigate"] && headers["Sec-Fetch-Dest"] is ["document"];

    // Requires four parts, because the parser accepts shorter forms, which could be names.
    private static bool IsIPv4(string host) => host.Count('.') == 3 && IPAddress.TryParse(host, out var address) && address.ToString() == host;

    private static WebOrigin Parse(string text) => WebOrigin.TryParse(text, out var origin)
        ? origin
        : throw new KisFeedConfigurationException($"'{text}' is not a valid origin. Use the form https://charts.example or http://localhost:5173, without a path and without wildcards");
}

/// <summary>The origin of a web page as in an <c>Origin</c> header: <c>scheme://host</c> or <c>scheme://host:port</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name in lower case, or an IP address; IPv6 addresses are in brackets.</param>
/// <param name="Port">The port, including the default port of the scheme.</param>
internal readonly record struct WebOrigin(string Scheme, string Host, int Port)
{
    private const int MaxLength = 300; // A name has at most 253.
    private const int MaxPort = 65535;

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz-._");

    /// <summary>
    /// Parses an origin strictly, because browsers write only one form: no path, no user, no blank, no shortened or hexadecimal IP address. Case is
    /// ignored.
    /// </summary>
    public static bool TryParse(string? text, out WebOrigin origin)
    {
        origin = default;
        if (text is null || text.Length > MaxLength || !Ascii.IsValid(text))
            return false;
        var lower = text.ToLowerInvariant();
        var schemeEnd = lower.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0 || DefaultPortOf(lower[..schemeEnd]) is not { } port)
            return false;
        var authority = lower.AsSpan(schemeEnd + 3);
        var hostEnd = authority.StartsWith("[") ? authority.IndexOf(']') + 1 : authority.IndexOf(':') is >= 0 and var colon ? colon : authority.Length;
        if (!TryReadHost(authority[..hostEnd], out var host))
            return false;
        var rest = authority[hostEnd..];
        if (!rest.IsEmpty && !(rest[0] == ':' && TryReadPort(rest[1..], out port)))
            return false;
        origin = new WebOrigin(lower[..schemeEnd], host, port);
        return true;
    }

    public override string ToString() => Port == DefaultPortOf(Scheme) ? $"{Scheme}://{Host}" : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    /// <summary>An address in the form of an origin's host.</summary>
    public static string HostOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{new IPAddress(plain.GetAddressBytes())}]" : plain.ToString();
    }

    private static int? DefaultPortOf(string scheme) => scheme switch
    {
        "http" => 80,
        "https" => 443,
        _ => null,
    };

    private static bool TryReadHost(ReadOnlySpan<char> text, out string host)
    {
        host = "";
        if (text.StartsWith("["))
        {
            // A zone is meaningful on this machine only.
            if (text.Contains('%') || !IPAddress.TryParse(text[1..^1], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
            host = $"[{address}]";
            return true;
        }

        if (text.IsEmpty || text.ContainsAnyExcept(s_nameCharacters))
            return false;
        host = text.ToString();
        return true;
    }

    // The number parser ignores trailing NUL characters.
    private static bool TryReadPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= MaxPort && text[0] != '0' && !text.ContainsAnyExceptInRange('0', '9');
}
