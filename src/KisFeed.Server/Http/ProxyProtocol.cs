using System.Net;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>
/// Reads the header with which a trusted proxy begins each connection by the PROXY protocol, and gives the connection the address of its client. Connections of anybody else have none, and pass as they are: what they claim is not
/// believed.
/// </summary>
/// <param name="proxies">Who begins with a header.</param>
/// <param name="limit">How long it may take.</param>
/// <param name="onRefused">Told of each connection that is broken off because it has no header, or its client has too many.</param>
internal sealed class ProxyProtocol(TrustedProxies proxies, TimeSpan limit, Action? onRefused)
{
    /// <summary>Stands before TLS and HTTP.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        if (!proxies.Contain((connection.RemoteEndPoint as IPEndPoint)?.Address) || await TryReadAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }

        onRefused?.Invoke();
        connection.Abort(new ConnectionAbortedException("the proxy did not say whose connection it is, or that client has as many as it may"));
    };

    private async Task<bool> TryReadAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(limit);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(patience.Token).ConfigureAwait(false);
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
        return connection.Features.Get<IConnectionPlace>()?.TryMove(client.Address) ?? true;
    }
}
