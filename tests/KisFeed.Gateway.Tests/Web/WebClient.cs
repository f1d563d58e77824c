using System.Globalization;
using System.Net.Sockets;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Asks a gateway over plain HTTP as anybody may, tidy or not: a request goes out as it is written.</summary>
internal static class WebClient
{
    public static Task<WebReply> GetAsync(this Stage stage, string target, params string[] headers) => stage.SendAsync("GET", target, headers);

    /// <summary>Sends a request of its own connection, and reads the answer to the end.</summary>
    public static Task<WebReply> SendAsync(this Stage stage, string method, string target, params string[] headers)
    {
        var hasHost = headers.Any(h => h.StartsWith("Host:", StringComparison.Ordinal));
        List<string> lines = [$"{method} {target} HTTP/1.1", .. hasHost ? headers : [$"Host: 127.0.0.1:{stage.Gateway.Port}", .. headers], "Connection: close", "", ""];
        return stage.SendAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines)));
    }

    public static async Task<WebReply> SendAsync(this Stage stage, byte[] request)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", stage.Gateway.Port, patience.Token);
        var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request, patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // Answered, and hung up on what was still to come.
        }

        return Read(answer.ToArray());
    }

    public static string Basic(ConsumerCredentials credentials) => Basic(credentials.AppKey, credentials.AppSecret);

    public static string Basic(string appKey, string appSecret) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{appKey}:{appSecret}"))}";

    private static WebReply Read(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        end.ShouldBeGreaterThan(0, "there is no answer");
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        return new WebReply(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(answer.AsSpan(end + 4)));
    }
}
