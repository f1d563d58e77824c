using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>
/// Occasionally sends invalid credentials, paths, requests and bytes. Rarely enough not to trigger limits that affect others.
/// </summary>
internal sealed class Intruder(int port, VisitLog log, int seed)
{
    private const int MinPause = 4_000;
    private const int MaxPause = 8_000;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(seed);

    public async Task RunAsync(CancellationToken cancellation)
    {
        Func<CancellationToken, Task>[] attempts =
            [WithWrongSecretAsync, WithWrongApprovalKeyAsync, WithOddPathAsync, WithPartialRequestAsync, WithGarbageAsync];
        while (!cancellation.IsCancellationRequested)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(s_timeout);
            try
            {
                await attempts[_random.Next(attempts.Length)](timeout.Token);
            }
            catch (Exception e)
                when (e is WebSocketException or HttpRequestException or IOException or SocketException or OperationCanceledException)
            {
                if (!cancellation.IsCancellationRequested)
                    log.Count($"intrusions ended by {e.GetType().Name}");
            }

            await Task.Delay(_random.Next(MinPause, MaxPause), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WithWrongSecretAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{new string('A', 36)}:{new string('s', 180)}")));
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/v1/stream?subscribe=index:0001"), cancellation);
        Expect(answer.StatusCode, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests);
    }

    private async Task WithWrongApprovalKeyAsync(CancellationToken cancellation)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/tryitout"), cancellation);
        var text = $$$$"""{"header":{"approval_key":"{{{{Guid.NewGuid()}}}}","custtype":"P","tr_type":"1","content-type":"utf-8"}"""
            + ""","body":{"input":{"tr_id":"H0UPCNT0","tr_key":"0001"}}}""";
        await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        await new SocketReading(socket, ReadingBehavior.Promptly).ReadAsync(
            s_timeout,
            (message, _) =>
            {
                if (message is ['0' or '1', '|', ..])
                    log.ReportError("a connection with a wrong approval key received a frame");
                return ValueTask.CompletedTask;
            },
            cancellation);
    }

    private async Task WithOddPathAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(
            new Uri($"http://127.0.0.1:{port}/v1/{_random.Next()}?{new string('x', _random.Next(9_000))}"), cancellation);
        if ((int)answer.StatusCode is < 400 or >= 500)
            log.ReportError($"an odd path was answered with {(int)answer.StatusCode}");
    }

    private Task WithPartialRequestAsync(CancellationToken cancellation) =>
        SendAsync($"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-", cancellation);

    private Task WithGarbageAsync(CancellationToken cancellation)
    {
        var garbage = new byte[_random.Next(1, 20_000)];
        _random.NextBytes(garbage);
        return SendAsync(Encoding.Latin1.GetString(garbage), cancellation);
    }

    // Waits until the gateway closes the connection.
    private async Task SendAsync(string text, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(text).AsMemory(), cancellation);
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellation) > 0)
        {
            // The response does not matter.
        }
    }

    private void Expect(HttpStatusCode status, params ReadOnlySpan<HttpStatusCode> expected)
    {
        log.Count($"intrusions answered {(int)status}");
        if (!expected.Contains(status))
            log.ReportError($"wrong credentials were answered with {(int)status}");
    }
}
