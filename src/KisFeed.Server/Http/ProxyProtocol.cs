using System.Net;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Http;

/// <summary>
/// Reads the PROXY protocol header with which a trusted proxy begins each connection, and sets the client's address on the connection.
/// Connections from other addresses pass unchanged: their headers are not trusted.
/// </summary>
internal sealed class ProxyProtocol(TrustedProxies proxies, TimeSpan limit, Action? onRefused)
{
    /// <summary>The connection middleware. It comes before TLS and HTTP.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (!proxies.Contain((connection.RemoteEndPoint as IPEndPoint)?.Address) || await TryReadAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        onRefused?.Invoke();
        connection.Abort(new ConnectionAbortedException(
            "the proxy sent no valid PROXY protocol header, or the client has reached its limit of connections"));
    };

    private async Task<bool> TryReadAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(timeout.Token).ConfigureAwait(false);
                if (ProxyHeader.TryRead(read.Buffer, out var length, out var client))
                {
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    return client is null || TrySetClient(connection, client);
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted)
                    return false;
            }
        }
        catch (Exception e) when (e is FormatException or OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return false;
        }
    }

    private static bool TrySetClient(ConnectionContext connection, IPEndPoint client)
    {
        connection.RemoteEndPoint = client;
        return connection.Features.Get<IConnectionAdmission>()?.TryMove(client.Address) ?? true;
    }
}

/// <summary>The reverse proxies and load balancers whose statements about client addresses are trusted.</summary>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    public static TrustedProxies None { get; } = new([]);

    public IReadOnlyList<IPNetwork> Networks => networks;

    public bool Contain(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }
}
