using System.Net;

namespace KisFeed.Server;

/// <summary>Whose word is taken for the address that a client has: reverse proxies and load balancers in front of a server.</summary>
/// <param name="networks">Where they are.</param>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    /// <summary>Nobody's.</summary>
    public static TrustedProxies None { get; } = new([]);

    public IReadOnlyList<IPNetwork> Networks => networks;

    /// <summary>Whether an address is one of them.</summary>
    public bool Contain(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }
}
