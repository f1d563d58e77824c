using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KisFeed.Server.Http;

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
    /// Parses an origin strictly, because browsers write only one form: no path, no user, no blank, no shortened or
    /// hexadecimal IP address. Case is ignored.
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
        var hostEnd = authority.StartsWith("[") ? authority.IndexOf(']') + 1
            : authority.IndexOf(':') is >= 0 and var colon ? colon
            : authority.Length;
        if (!TryReadHost(authority[..hostEnd], out var host))
            return false;
        var rest = authority[hostEnd..];
        if (!rest.IsEmpty && !(rest[0] == ':' && TryReadPort(rest[1..], out port)))
            return false;
        origin = new WebOrigin(lower[..schemeEnd], host, port);
        return true;
    }

    public override string ToString() =>
        Port == DefaultPortOf(Scheme) ? $"{Scheme}://{Host}" : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

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
            if (text.Contains('%')
                || !IPAddress.TryParse(text[1..^1], out var address)
                || address.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return false;
            }
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
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
        && port is > 0 and <= MaxPort
        && text[0] != '0'
        && !text.ContainsAnyExceptInRange('0', '9');
}
