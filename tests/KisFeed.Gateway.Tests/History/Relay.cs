using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KisFeed.Gateway.Tests.History;

/// <summary>Forwards connections to a gateway that may change its port, and breaks them on request.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly Task _accepting;
    private int _target;

    public Relay()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The address of the relay, which stays the same.</summary>
    public Uri Url => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>Sets the gateway that new connections go to.</summary>
    public void Forward(GatewayServer gateway) => Volatile.Write(ref _target, gateway.WebSocketUrl.Port);

    /// <summary>Breaks all connections, in the middle of whatever they send.</summary>
    public void Break()
    {
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Break();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var forwarding = new List<Task>();
        try
        {
            while (true)
                forwarding.Add(ForwardAsync(await _listener.AcceptAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The relay is disposed.
        }

        Break();
        await Task.WhenAll(forwarding);
    }

    private async Task ForwardAsync(Socket client)
    {
        // Small buffers, so that a client that does not read is soon noticed.
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = BufferBytes };
        client.SendBufferSize = BufferBytes;
        _sockets[client] = _sockets[server] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref _target));
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway is not there, or the connection was broken.
        }

        client.Dispose();
        _sockets.TryRemove(client, out _);
        _sockets.TryRemove(server, out _);
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            for (var count = await from.ReceiveAsync(buffer); count > 0; count = await from.ReceiveAsync(buffer))
                await to.SendAsync(buffer.AsMemory(0, count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side, or the test, has broken the connection.
        }
    }
}
