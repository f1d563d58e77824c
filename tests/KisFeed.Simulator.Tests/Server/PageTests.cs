namespace KisFeed.Simulator.Tests.Server;

/// <summary>The access of web pages to a simulator or a replay on their user's machine.</summary>
public abstract class PageTests
{
    private const string Handshake =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

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
        var (server, approvalKeysIssued) = await StartAsync();
        await using var _ = server;
        headers = headers.Replace("PORT", $"{server.Port}", StringComparison.Ordinal);
        var body = RestClient.Approval(TestCredentials.NewAppKey(), TestCredentials.AppSecret);
        string[] requests =
        [
            $"POST /oauth2/Approval HTTP/1.1\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}",
            $"GET / HTTP/1.1\r\n{headers}{Handshake}\r\n",
            $"GET /tryitout/H0UPCNT0 HTTP/1.1\r\n{headers}{Handshake}\r\n",
            .. OtherRequests(headers),
        ];

        foreach (var request in requests)
        {
            var answer = await RawClient.AskAsync(server.RestUrl, request);
            answer.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal).ShouldBe(!isAllowed, $"{request}\n{answer}");
        }

        approvalKeysIssued().ShouldBe(isAllowed ? 1 : 0);
    }

    /// <summary>Starts a server to which pages of https://feeds.example have access, and that counts its approval keys.</summary>
    protected abstract Task<(BrokerServer Server, Func<long> ApprovalKeysIssued)> StartAsync();

    /// <summary>Requests of this server alone.</summary>
    protected virtual IEnumerable<string> OtherRequests(string headers) => [];
}
