using System.Net;
using System.Net.Sockets;
using KisFeed.Approval;

namespace KisFeed.Tests.Client;

public sealed class ApprovalKeyIssuerTests
{
    private const string AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567";
    private const string AppSecret = "a-secret-that-must-not-leave";

    private static readonly AppCredentials s_credentials = new() { AppKey = AppKey, AppSecret = AppSecret };

    [Theory]
    [InlineData("{\"error_code\":\"EGW00103\",\"error_description\":\"\\ud800\"}")]
    [InlineData("{\"error_code\":\"EGW00103\",\"error_description\":\"\u00c0\u00af\"}")]
    public async Task A_refusal_with_invalid_text_still_has_its_code(string answer)
    {
        using var server = new RestServer("403 Forbidden", Encoding.Latin1.GetBytes(answer));
        using var issuer = Issuer(server.Options);
        var error = await Should.ThrowAsync<ApprovalKeyException>(issuer.IssueAsync(CancellationToken.None));
        error.ErrorCode.ShouldBe("EGW00103");
        error.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_secret_repeated_by_the_service_is_redacted_in_the_message()
    {
        using var server = new RestServer(
            "403 Forbidden",
            Encoding.UTF8.GetBytes($$"""{"error_code":"EGW00105","error_description":"wrong: {{AppKey}} {{AppSecret}}"}"""));
        using var issuer = Issuer(server.Options);
        var error = await Should.ThrowAsync<ApprovalKeyException>(issuer.IssueAsync(CancellationToken.None));
        error.ToString().ShouldContain("wrong: *** ***");
        error.ToString().ShouldNotContain(AppSecret);
    }

    [Fact]
    public async Task The_secret_is_not_sent_to_a_redirection_target()
    {
        using var elsewhere = new RestServer("200 OK", """{"approval_key":"key"}"""u8.ToArray());
        using var server = new RestServer($"307 Temporary Redirect\r\nlocation: {elsewhere.Url}", []);
        using var issuer = Issuer(server.Options);
        var error = await Should.ThrowAsync<ApprovalKeyException>(issuer.IssueAsync(CancellationToken.None));
        error.Status.ShouldBe(HttpStatusCode.TemporaryRedirect);
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("403 Forbidden", "EGW00103", ConnectFailure.BadCredentials)]
    [InlineData("403 Forbidden", "EGW00105", ConnectFailure.BadCredentials)]
    [InlineData("500 Internal Server Error", "EGW00103", ConnectFailure.BadCredentials)]
    [InlineData("500 Internal Server Error", "EGW00201", ConnectFailure.TooManyRequests)]
    [InlineData("403 Forbidden", "EGW00133", ConnectFailure.TooManyRequests)]
    [InlineData("429 Too Many Requests", null, ConnectFailure.TooManyRequests)]
    [InlineData("500 Internal Server Error", "EGW00002", ConnectFailure.Unreachable)]
    [InlineData("503 Service Unavailable", null, ConnectFailure.Unreachable)]
    [InlineData("408 Request Timeout", null, ConnectFailure.Unreachable)]
    [InlineData("400 Bad Request", "EGW00999", ConnectFailure.Rejected)]
    [InlineData("404 Not Found", null, ConnectFailure.Rejected)]
    [InlineData("200 OK", null, ConnectFailure.Rejected)]
    public async Task A_refusal_is_classified(string status, string? code, ConnectFailure failure)
    {
        using var server = new RestServer(status, Encoding.UTF8.GetBytes(code is null ? "{}" : $$"""{"error_code":"{{code}}"}"""));
        using var issuer = Issuer(server.Options);
        var error = await Should.ThrowAsync<ApprovalKeyException>(issuer.IssueAsync(CancellationToken.None));
        error.Failure.ShouldBe(failure);
        error.ErrorCode.ShouldBe(code);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_unreachable()
    {
        var server = new RestServer("200 OK", []);
        var options = server.Options;
        server.Dispose();
        using var issuer = Issuer(options);
        var error = await Should.ThrowAsync<ApprovalKeyException>(issuer.IssueAsync(CancellationToken.None));
        error.Failure.ShouldBe(ConnectFailure.Unreachable);
        error.Status.ShouldBeNull();
    }

    [Theory]
    [InlineData(
        "ws://ops.koreainvestment.com:21000", KisEnvironment.Production, "https://openapi.koreainvestment.com:9443/oauth2/Approval")]
    [InlineData(
        "ws://OPS.koreainvestment.com:31000/tryitout", KisEnvironment.Mock, "https://openapivts.koreainvestment.com:29443/oauth2/Approval")]
    [InlineData("ws://localhost:21000", KisEnvironment.Production, "http://localhost:21000/oauth2/Approval")]
    [InlineData("ws://127.0.0.1:21000", KisEnvironment.Simulator, "http://127.0.0.1:21000/oauth2/Approval")]
    [InlineData("wss://gateway.example:443/tryitout", KisEnvironment.Production, "https://gateway.example/oauth2/Approval")]
    public void The_secret_is_sent_to_the_REST_address_of_the_WebSocket_service(
        string socket, KisEnvironment environment, string approval) =>
        KisEndpoints.ApprovalOf(new KisFeedOptions { WebSocketUrl = new Uri(socket), Environment = environment }).AbsoluteUri
            .ShouldBe(approval);

    /// <summary>Answers every request with the same status and body.</summary>
    private sealed class RestServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;

        public RestServer(string status, byte[] answer)
        {
            _listener.Start();
            _serving = ServeAsync(status, answer);
        }

        public List<string> Requests { get; } = [];

        public Uri Url => new($"http://{_listener.LocalEndpoint}/");

        public KisFeedOptions Options => new() { AppKey = AppKey, AppSecret = AppSecret, RestUrl = Url };

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string status, byte[] answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    Requests.Add(await ReadRequestAsync(stream));
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\ncontent-length: {answer.Length}\r\nconnection: close\r\n\r\n"));
                    await stream.WriteAsync(answer);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task<string> ReadRequestAsync(NetworkStream stream)
        {
            var text = "";
            var buffer = new byte[8192];
            while (!text.EndsWith('}'))
            {
                var read = await stream.ReadAsync(buffer);
                if (read == 0)
                    break;
                text += Encoding.UTF8.GetString(buffer, 0, read);
            }

            return text;
        }
    }

    private static ApprovalKeyIssuer Issuer(KisFeedOptions options) =>
        new(KisEndpoints.ApprovalOf(options), options.Environment, s_credentials, options.ClientCertificate);
}
