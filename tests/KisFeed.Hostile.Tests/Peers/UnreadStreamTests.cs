using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace KisFeed.Hostile.Tests.Peers;

/// <summary>Streams whose consumers stay connected and read nothing: only TCP timeouts detect them, after a minute.</summary>
public sealed class UnreadStreamTests
{
    private const int Count = 20;

    [Fact]
    public async Task Streams_that_read_nothing_lose_their_registrations_and_queues()
    {
        if (!OperatingSystem.IsLinux())
            return; // Other systems have their own limits.
        await using var gateway = ProcessRunner.StartKisFeed(
            "gateway", "--simulate", "--rate", "2000", "--port", "0", "--insecure-no-tokens", "--format", "json", "--log", "error");
        using var address = JsonDocument.Parse(await gateway.ReadLineAsync(Patience.Limit));
        var port = address.RootElement.GetProperty("port").GetInt32();
        using var http = new HttpClient();
        async Task<JsonElement> StatusAsync()
        {
            using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/v1/status")));
            return json.RootElement.Clone();
        }

        List<Socket> sockets = [];
        try
        {
            for (var i = 0; i < Count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                await socket.SendAsync(Encoding.ASCII.GetBytes(
                    $"GET /v1/stream?subscribe=index:0001,index:1001,bond:KR103502GC97 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"));
            }

            await Patience.UntilAsync(async () => Holdings.Of(await StatusAsync()) == (0, Count, 0));
            await Holdings.EndedAsync(StatusAsync);
            Holdings.QueuedBytesOf(await StatusAsync()).ShouldBe(0);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}
