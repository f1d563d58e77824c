using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>
/// Breaks off connections beyond those that may stand at once, over all and from one address. Done here since Kestrel, which can do the former, tells nobody. Programs of this machine share one address, and so are
/// held to the limit over all alone.
/// </summary>
/// <param name="limit">Connections at once.</param>
/// <param name="limitOfAddress">Connections at once from one address other than this machine's own, or from one network of version 6.</param>
/// <param name="onRefused">Told of each that is broken off.</param>
internal sealed class ConnectionCap(int limit, int limitOfAddress, Action? onRefused)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byNetwork = [];
    private int _count;

    /// <summary>Stands before everything else that is done with a connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var network = NetworkOf(connection);
        if (!TryEnter(network))
        {
            onRefused?.Invoke();
            connection.Abort(new ConnectionAbortedException("there are as many connections as this server takes"));
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(network);
        }
    };

    private bool TryEnter(IPAddress? network)
    {
        lock (_gate)
        {
            if (_count >= limit)
                return false;
            if (network is not null)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_byNetwork, network, out _);
                if (count >= limitOfAddress)
                    return false;
                count++;
            }

            _count++;
            return true;
        }
    }

    private void Leave(IPAddress? network)
    {
        lock (_gate)
        {
            _count--;
            if (network is not null && --CollectionsMarshal.GetValueRefOrNullRef(_byNetwork, network) == 0)
                _byNetwork.Remove(network);
        }
    }

    // Null for this machine itself.
    private static IPAddress? NetworkOf(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        return address is not null && IPAddress.IsLoopback(address) ? null : RemoteNetwork.Of(address);
    }
}
