using System.Net;
using System.Net.Sockets;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>
/// The network of a machine: forwards connections to servers, and can be cut like a cable. While it is cut nothing arrives in either
/// direction, and nobody is told. Connections that were open then never work again.
/// </summary>
internal sealed class HeldNetwork : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _tasks = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-net-");
    private CancellationTokenSource _cut = new();
    private bool _isCut;

    /// <summary>Forwards a port of this machine.</summary>
    /// <returns>The port to connect to.</returns>
    public int Forward(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Forward(listener, () => (new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
            new IPEndPoint(IPAddress.Loopback, port)));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <summary>Forwards the socket of a PostgreSQL server.</summary>
    /// <returns>The folder of the socket to connect to.</returns>
    public string Forward(string folder)
    {
        const string Name = ".s.PGSQL.5432";
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, Name)));
        Forward(listener, () => (new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            new UnixDomainSocketEndPoint(Path.Combine(folder, Name))));
        return _folder.FullName;
    }

    public void Cut()
    {
        lock (_gate)
            _isCut = true;
    }

    /// <summary>Restores the network. Connections from before or during the cut are reset.</summary>
    public void Restore()
    {
        CancellationTokenSource cut;
        lock (_gate)
        {
            _isCut = false;
            (cut, _cut) = (_cut, new CancellationTokenSource());
        }

        cut.Cancel();
        cut.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Restore();
        foreach (var listener in _listeners)
            listener.Dispose();
        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _folder.Delete(recursive: true);
        _cut.Dispose();
        _end.Dispose();
    }

    private void Forward(Socket listener, Func<(Socket Socket, EndPoint Server)> open)
    {
        listener.Listen();
        _listeners.Add(listener);
        _tasks.Add(Task.Run(async () =>
        {
            while (true)
            {
                var client = await listener.AcceptAsync(_end.Token);
                _ = Task.Run(() => ForwardAsync(client, open));
            }
        }));
    }

    private async Task ForwardAsync(Socket client, Func<(Socket Socket, EndPoint Server)> open)
    {
        using var from = client;
        var (to, address) = open();
        using var server = to;
        CancellationToken reset;
        lock (_gate)
            reset = _cut.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(reset, _end.Token);
        try
        {
            if (IsCut)
                await Task.Delay(Timeout.Infinite, either.Token);
            await server.ConnectAsync(address, either.Token);
            var (up, down) = (CopyAsync(client, server, either.Token), CopyAsync(server, client, either.Token));
            await Task.WhenAny(up, down);
            await either.CancelAsync();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection ends.
        }
    }

    private bool IsCut
    {
        get
        {
            lock (_gate)
                return _isCut;
        }
    }

    // What arrives while the network is cut is lost, so the connection can never continue; its end is not seen either.
    private async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var count = await from.ReceiveAsync(buffer, cancellationToken);
            if (IsCut)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            if (count == 0)
                return;
            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellationToken);
        }
    }
}
