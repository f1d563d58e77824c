using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace KisFeed.Server;

/// <summary>Where a server listens, as people write it.</summary>
internal static class ListenAddress
{
    /// <summary>Reads an IP address, or <c>localhost</c>, which is taken for 127.0.0.1.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.TryParse(text, out address);
        address = IPAddress.Loopback;
        return true;
    }
}
