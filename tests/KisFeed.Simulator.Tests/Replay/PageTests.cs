using KisFeed.Capture;
using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>The access of web pages to a replay on their user's machine.</summary>
public sealed class PageTests : IDisposable
{
    private const string Handshake =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

    private readonly CaptureFolder _folder = new();

    public PageTests()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(0, "0001"), Ticks.Opening);
        writer.Close();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host: localhost\r\nOrigin: https://evil.example\r\n", false)]
    [InlineData("Host: localhost\r\nOrigin: null\r\n", false)]
    [InlineData("Host: localhost\r\nOrigin: http://localhost:1\r\n", false)]
    [InlineData("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", false)]
    [InlineData("Host: evil.example\r\n", false)]
    [InlineData("Host: evil.example:PORT\r\nOrigin: http://evil.example:PORT\r\n", false)]
    [InlineData("Host: localhost\r\n", true)]
    [InlineData("Host: 127.0.0.1:PORT\r\n", true)]
    [InlineData("Host: 192.0.2.1\r\n", true)]
    [InlineData("Host: localhost:PORT\r\nOrigin: http://localhost:PORT\r\nSec-Fetch-Site: same-origin\r\n", true)]
    [InlineData("Host: feeds.example\r\nOrigin: https://feeds.example\r\n", true)]
    public async Task Pages_of_other_origins_are_refused_and_programs_are_not(string headers, bool isAllowed)
    {
        await using var server = await StartAsync();
        headers = headers.Replace("PORT", $"{server.Port}", StringComparison.Ordinal);
        var body = RestClient.Approval(TestCredentials.NewAppKey(), TestCredentials.AppSecret);
        string[] requests =
        [
            $"POST /oauth2/Approval HTTP/1.1\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}",
            $"GET / HTTP/1.1\r\n{headers}{Handshake}\r\n",
            $"GET /tryitout/H0UPCNT0 HTTP/1.1\r\n{headers}{Handshake}\r\n",
        ];

        foreach (var request in requests)
        {
            var answer = await RawClient.AskAsync(server.RestUrl, request);
            answer.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal).ShouldBe(!isAllowed, $"{request}\n{answer}");
        }

        server.Statistics.ApprovalKeysIssued.ShouldBe(isAllowed ? 1 : 0);
    }

    private Task<ReplayServer> StartAsync() => ReplayServer.StartAsync(
        new ReplayOptions { Capture = CaptureReader.Open(_folder.Path), AllowedOrigins = ["https://feeds.example"] });
}
