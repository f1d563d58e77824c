using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>Forwards TCP connections to a port, and cuts them on request.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _clients = [];
    private readonly int _port;
    private readonly Task _accepting;
    private bool _isClosed;

    public TcpProxy(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address =>
        new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"));

    /// <summary>Resets all connections.</summary>
    public void Cut()
    {
        List<TcpClient> clients;
        lock (_gate)
        {
            clients = [.. _clients];
            _clients.Clear();
        }

        foreach (var client in clients)
        {
            // It may have been disposed meanwhile.
            client.Client?.Close(timeout: 0);
        }
    }

    /// <summary>Cuts all connections, and refuses new ones until <see cref="Open"/>.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
        Cut();
    }

    public void Open()
    {
        lock (_gate)
            _isClosed = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _ = ForwardAsync(client);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        lock (_gate)
        {
            if (_isClosed)
            {
                client.Dispose();
                return;
            }

            _clients.Add(client);
            _clients.Add(server);
        }

        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _end.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _end.Token));
            }
            catch (Exception e)
                when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException
                    or OperationCanceledException)
            {
                // The connection ends.
            }
        }
    }
}
