using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KisFeed.Server;

/// <summary>Where a page of a browser comes from, as in an <c>Origin</c> header: <c>scheme://host</c> or <c>scheme://host:port</c>, and nothing more.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">A name in lower case, or an IP address, that of version 6 in brackets.</param>
/// <param name="Port">The port, also where it is the scheme's own and not written.</param>
internal readonly record struct WebOrigin(string Scheme, string Host, int Port)
{
    private const int MaxLength = 300; // A name has at most 253.
    private const int MaxPort = 65535;

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz-._");

    /// <summary>
    /// Reads an origin. Strictly, because browsers write them in one form alone: no path, no user, no blank, no shortened or hexadecimal IP address. Only the case of letters does not matter.
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

    /// <summary>As it is written in the header.</summary>
    public override string ToString() => Port == DefaultPortOf(Scheme) ? $"{Scheme}://{Host}" : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    /// <summary>An address as it stands as the host of an origin.</summary>
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
            // A zone is for this machine alone to understand.
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

    // The parser of numbers takes trailing zero characters for nothing.
    private static bool TryReadPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= MaxPort && text[0] != '0' && !text.ContainsAnyExceptInRange('0', '9');
}
