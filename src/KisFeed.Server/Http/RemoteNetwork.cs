using System.Net;
using System.Net.Sockets;

namespace KisFeed.Server;

/// <summary>Who comes from somewhere, as far as an address tells.</summary>
internal static class RemoteNetwork
{
    private const int NetworkBytes = 8;

    /// <summary>What those have in common who come from an address: it itself, and of version 6 its network, since who has one address has all of that.</summary>
    /// <param name="address">The address; <see langword="null"/> where it is not known, which is a network of its own.</param>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }
}
