using System.Net.WebSockets;
using System.Text;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>The baseline: .NET's own client receives into one buffer and discards the data.</summary>
internal sealed class BareReader : IFeedReader
{
    private const int BufferBytes = 64 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly Delays? _delays;
    private Task _reading = Task.CompletedTask;
    private long _frames;

    private BareReader(Delays? delays) => _delays = delays;

    public static async Task<BareReader> StartAsync(
        Uri url, IReadOnlyList<string> registrations, Delays? delays, CancellationToken cancellationToken)
    {
        var reader = new BareReader(delays);
        var approvalKey = await ApprovalKeyAsync(url, cancellationToken);
        await reader._socket.ConnectAsync(new Uri(url, "/tryitout"), cancellationToken);
        var buffer = new byte[BufferBytes];
        foreach (var registration in registrations)
        {
            var (trId, key) = (registration.Split(':')[0], registration.Split(':')[1]);
            var request = $$$$"""{"header":{"approval_key":"{{{{approvalKey}}}}","custtype":"P","tr_type":"1","content-type":"utf-8"}"""
                + $$$$""","body":{"input":{"tr_id":"{{{{trId}}}}","tr_key":"{{{{key}}}}"}}}""";
            await reader._socket.SendAsync(
                Encoding.UTF8.GetBytes(request).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            do
                await reader._socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            while (buffer[0] != (byte)'{');
        }

        reader._reading = Task.Run(() => reader.ReadAsync(buffer), cancellationToken);
        return reader;
    }

    public Reading Read() => new(Volatile.Read(ref _frames), null, 0);

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
    }

    private static async Task<string> ApprovalKeyAsync(Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var body = new StringContent(
            $$"""{"grant_type":"client_credentials","appkey":"{{Credentials.NewAppKey()}}","secretkey":"{{Credentials.AppSecret}}"}""");
        using var answer = await http.PostAsync(new Uri($"http://{url.Authority}/oauth2/Approval"), body, cancellationToken);
        using var json = System.Text.Json.JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content
            .ReadAsStringAsync(cancellationToken));
        return json.RootElement.GetProperty("approval_key").GetString()!;
    }

    private async Task ReadAsync(byte[] buffer)
    {
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                return;
            if (!received.EndOfMessage)
                continue;
            Volatile.Write(ref _frames, _frames + 1);
            if (buffer[0] == (byte)'{')
            {
                await _socket.SendAsync(
                    buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
            else
            {
                _delays?.Add(Stamp.Read(buffer.AsSpan(PreparedFrames.StampOffset)));
            }
        }
    }
}
