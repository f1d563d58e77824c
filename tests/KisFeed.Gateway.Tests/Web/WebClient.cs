using System.Globalization;
using System.Net.Sockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Sends HTTP requests to a gateway exactly as written, including invalid ones.</summary>
internal static class WebClient
{
    /// <summary>The header lines of a request for a WebSocket.</summary>
    public static string[] Upgrade { get; } =
        ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="];

    public static Task<WebReply> GetAsync(this TestGateway testGateway, string target, params string[] headers) =>
        testGateway.Gateway.GetAsync(target, headers);

    public static Task<WebReply> GetAsync(this GatewayServer gateway, string target, params string[] headers) =>
        gateway.SendAsync("GET", target, headers);

    public static Task<WebReply> SendAsync(this TestGateway testGateway, string method, string target, params string[] headers) =>
        testGateway.Gateway.SendAsync(method, target, headers);

    public static Task<WebReply> SendAsync(this TestGateway testGateway, byte[] request) => testGateway.Gateway.SendAsync(request);

    /// <summary>Sends a request on its own connection and reads the whole response.</summary>
    public static Task<WebReply> SendAsync(this GatewayServer gateway, string method, string target, params string[] headers)
    {
        var hasHost = headers.Any(h => h.StartsWith("Host:", StringComparison.Ordinal));
        List<string> lines =
        [
            $"{method} {target} HTTP/1.1", .. hasHost ? headers : [$"Host: 127.0.0.1:{gateway.Port}", .. headers],
            "Connection: close", "", "",
        ];
        return gateway.SendAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines)));
    }

    public static async Task<WebReply> SendAsync(this GatewayServer gateway, byte[] request)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Port, deadline.Token);
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, deadline.Token);
            await stream.CopyToAsync(answer, deadline.Token);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // The server has responded and closed the connection before reading the rest.
        }

        return Read(answer.ToArray());
    }

    public static string Basic(ConsumerCredentials credentials) => Basic(credentials.AppKey, credentials.AppSecret);

    public static string Basic(string appKey, string appSecret) =>
        $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{appKey}:{appSecret}"))}";

    private static WebReply Read(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        end.ShouldBeGreaterThan(0, "there is no response");
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        return new WebReply(
            int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(answer.AsSpan(end + 4)));
    }
}
