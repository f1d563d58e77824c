using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace KisFeed.Hostile.Tests.Peers;

/// <summary>Consumers that disappear without closing: only TCP timeouts detect them, after a minute.</summary>
public sealed class VanishingPeerTests
{
    private const int Count = 20;

    // The gateway's TCP timeout is a minute; the default of Linux is a quarter of an hour.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    [TwoNetworksFact]
    public async Task Consumers_with_a_cut_network_lose_their_places_and_queues()
    {
        await using var networks = await TwoNetworks.OpenAsync();
        await networks.ConnectAsync(Count);
        var connected = await networks.StatusAsync();
        Held(connected).ShouldBe((Count, 2 * Count, Count));
        var memory = await networks.MemoryAsync();

        await networks.CutAsync();
        await EndedAsync(networks.StatusAsync);

        QueuedBytesOf(await networks.StatusAsync()).ShouldBe(0);
        (await networks.MemoryAsync()).ShouldBeLessThan(2 * memory, "the runtime's warm-up takes up to half as much again as it had when the consumers connected");
    }

    [Fact]
    public async Task Streams_that_read_nothing_lose_their_places_and_queues()
    {
        if (!OperatingSystem.IsLinux())
            return; // Other systems have their own limits.
        await using var gateway = ProcessRunner.StartKisFeed("gateway", "--simulate", "--rate", "2000", "--port", "0", "--insecure-no-tokens", "--format", "json", "--log", "error");
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
                await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/stream?subscribe=index:0001,index:1001,bond:KR103502GC97 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"));
            }

            await Patience.UntilAsync(async () => Held(await StatusAsync()) == (0, Count, 0));
            await EndedAsync(StatusAsync);
            QueuedBytesOf(await StatusAsync()).ShouldBe(0);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static (int Connections, int Streams, int Registrations) Held(JsonElement status)
    {
        var totals = status.GetProperty("totals");
        return (totals.GetProperty("connections").GetInt32(), totals.GetProperty("streams").GetInt32(), totals.GetProperty("consumerRegistrations").GetInt32());
    }

    private static long QueuedBytesOf(JsonElement status) => status.GetProperty("consumers").EnumerateArray().Sum(consumer => consumer.GetProperty("waiting").GetProperty("bytes").GetInt64());

    private static async Task EndedAsync(Func<Task<JsonElement>> statusAsync)
    {
        using var deadline = new CancellationTokenSource(s_limit);
        while (await statusAsync() is var status && (Held(status) != (0, 0, 0) || status.GetProperty("consumers").EnumerateArray().Any(consumer => consumer.GetProperty("connections").GetInt32() != 0)))
        {
            deadline.IsCancellationRequested.ShouldBeFalse($"consumers that have vanished still hold places: {Held(status)}");
            await Task.Delay(s_pause, CancellationToken.None);
        }
    }
}
