using System.Net;
using System.Net.Sockets;

namespace KisFeed.Tests.Client;

/// <summary>An HTTP proxy that opens a single tunnel.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public ConnectProxy()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}/");

    public bool HasTunnelled { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.WaitAsync(Patience.Limit);
    }

    private async Task ServeAsync()
    {
        try
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await TunnelAsync(client.GetStream());
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TunnelAsync(NetworkStream client)
    {
        var request = "";
        var buffer = new byte[1];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.ReadExactlyAsync(buffer);
            request += Encoding.Latin1.GetString(buffer);
        }

        request.ShouldStartWith("CONNECT ");
        HasTunnelled = true;
        using var server = new TcpClient();
        await server.ConnectAsync(IPEndPoint.Parse(request.Split(' ')[1]));
        await client.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        var answering = server.GetStream().CopyToAsync(client);
        await client.CopyToAsync(server.GetStream());
        server.Client.Shutdown(SocketShutdown.Send);
        await answering;
    }
}
