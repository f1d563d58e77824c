using System.Text.Json;

namespace KisFeed.Simulator.Tests.Server;

public sealed class ApprovalTests
{
    private static readonly string s_appKey = TestCredentials.NewAppKey();

    [Fact]
    public async Task An_approval_key_is_a_new_UUID()
    {
        await using var server = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        using var rest = new RestClient(server.RestUrl);

        var first = await rest.ApproveAsync(s_appKey);
        var second = await rest.ApproveAsync(s_appKey);

        first.Status.ShouldBe(200);
        first.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["approval_key", "kisfeed"]);
        var key = first.Body.GetProperty("approval_key").GetString()!;
        key.Length.ShouldBe(36);
        Guid.TryParseExact(key, "D", out _).ShouldBeTrue();
        second.Body.GetProperty("approval_key").GetString().ShouldNotBe(key, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_token_has_its_expiry_in_Korean_time()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { TimeProvider = new ManualTimeProvider() });
        using var rest = new RestClient(server.RestUrl);

        var (status, body) = await rest.PostAsync(
            "/oauth2/tokenP", Body("client_credentials", s_appKey, "appsecret", TestCredentials.AppSecret));

        status.ShouldBe(200);
        body.GetProperty("access_token").GetString()!.Length.ShouldBeGreaterThan(100);
        body.GetProperty("token_type").GetString().ShouldBe("Bearer");
        body.GetProperty("expires_in").GetInt32().ShouldBe(86400);
        body.GetProperty("access_token_token_expired").GetString().ShouldBe("2026-11-21 09:30:01");
    }

    [Fact]
    public async Task Path_case_and_content_type_are_ignored()
    {
        await using var server = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        using var rest = new RestClient(server.RestUrl);
        (await rest.PostAsync("/OAUTH2/approval", RestClient.Approval(s_appKey, TestCredentials.AppSecret), "text/plain")).Status
            .ShouldBe(200);
    }

    [Theory]
    [InlineData("/oauth2/Approval", "secretkey", "application/x-www-form-urlencoded")]
    [InlineData("/oauth2/tokenP", "appsecret", "application/x-www-form-urlencoded")]
    [InlineData("/oauth2/tokenP", "appsecret", "text/plain")]
    public async Task A_body_may_be_a_form_with_any_content_type(string path, string secretName, string contentType)
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { AppKey = s_appKey, AppSecret = "a+b/c==" });
        using var rest = new RestClient(server.RestUrl);

        (await rest.PostAsync(path, $"grant_type=client_credentials&appkey={s_appKey}&{secretName}=a%2Bb%2Fc%3D%3D", contentType)).Status
            .ShouldBe(200);
        CodeOf(await rest.PostAsync(path, $"grant_type=client_credentials&appkey={s_appKey}", contentType)).ShouldBe("EGW00104");
        CodeOf(await rest.PostAsync(path, $"grant_type=client_credentials&appkey=none&{secretName}=none", contentType))
            .ShouldBe("EGW00103");
        (await rest.PostAsync(path, $" {Body("client_credentials", s_appKey, secretName, "a+b/c==")}", contentType)).Status
            .ShouldBe(200, "JSON is parsed as JSON");
        (await rest.PostAsync(path, $"\uFEFF{Body("client_credentials", s_appKey, secretName, "a+b/c==")}", contentType)).Status
            .ShouldBe(200, "with a byte order mark");
    }

    [Fact]
    public async Task A_token_can_be_revoked()
    {
        await using var server = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        using var rest = new RestClient(server.RestUrl);
        var credentials = $""" "appkey":"{s_appKey}","appsecret":"{TestCredentials.AppSecret}" """;

        var (status, body) = await rest.PostAsync("/oauth2/revokeP", $$"""{{{credentials}},"token":"any"}""");

        status.ShouldBe(200);
        body.GetProperty("code").GetInt32().ShouldBe(200);
        body.GetProperty("message").GetString().ShouldBe("접근토큰 폐기에 성공하였습니다");
        CodeOf(await rest.PostAsync("/oauth2/revokeP", $$"""{{{credentials}}}""")).ShouldBe("EGW00101");
        CodeOf(await rest.PostAsync("/oauth2/revokeP", """{"appkey":"no app key","appsecret":"x","token":"any"}""")).ShouldBe("EGW00103");
    }

    [Fact]
    public async Task An_unknown_path_is_answered_in_JSON()
    {
        await using var server = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        using var rest = new RestClient(server.RestUrl);

        var unknown = await rest.PostAsync("/oauth2/none", "{}");
        unknown.Status.ShouldBe(404);
        CodeOf(unknown).ShouldBe("EGW00202");
        var (status, body) = await rest.PostAsync("/uapi/domestic-stock/v1/trading/order-cash", "{}");
        status.ShouldBe(404);
        body.ToString().ShouldBe("""{"rt_cd":"1","msg_cd":"EGW00202","msg1":"GW라우팅 중 오류가 발생했습니다."}""");
    }

    [Theory]
    [InlineData("/oauth2/Approval", "secretkey")]
    [InlineData("/oauth2/tokenP", "appsecret")]
    public async Task Errors_are_described_in_Korean(string path, string secretName)
    {
        await using var server = await SimulatorServer.StartAsync(SimulatorOptions.Default);
        using var rest = new RestClient(server.RestUrl);
        var secret = TestCredentials.AppSecret;
        var otherName = secretName == "secretkey" ? "appsecret" : "secretkey";
        (string Body, int Status, string Code, string Text)[] cases =
        [
            ("", 400, "EGW00101", "유효하지 않은 요청입니다."),
            ("{", 400, "EGW00101", "유효하지 않은 요청입니다."),
            ("[1]", 400, "EGW00101", "유효하지 않은 요청입니다."),
            ($$"""{"appkey":"{{s_appKey}}","{{secretName}}":"{{secret}}"}""", 403, "EGW00115", "권한부여 타입(grant_type)은 필수입니다."),
            (Body("password", s_appKey, secretName, secret), 403, "EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다."),
            ($$"""{"grant_type":"client_credentials","{{secretName}}":"{{secret}}"}""", 403, "EGW00102", "AppKey는 필수입니다."),
            ($$"""{"grant_type":"client_credentials","appkey":1,"{{secretName}}":"{{secret}}"}""", 403, "EGW00102", "AppKey는 필수입니다."),
            (Body("client_credentials", "", secretName, secret), 403, "EGW00103", "유효하지 않은 AppKey입니다."),
            (Body("client_credentials", "your-app-key-goes-here!", secretName, secret), 403, "EGW00103", "유효하지 않은 AppKey입니다."),
            (Body("client_credentials", s_appKey[..5], secretName, secret), 403, "EGW00103", "유효하지 않은 AppKey입니다."),
            (Body("client_credentials", secret, secretName, s_appKey), 403, "EGW00103", "유효하지 않은 AppKey입니다."),
            (Body("client_credentials", s_appKey, otherName, secret), 403, "EGW00104", "AppSecret은 필수입니다."),
            (Body("client_credentials", s_appKey, secretName, secret + "\\n"), 403, "EGW00105", "유효하지 않은 AppSecret입니다."),
            (Body("client_credentials", s_appKey, secretName, secret[..5]), 403, "EGW00105", "유효하지 않은 AppSecret입니다."),
        ];

        foreach (var (body, status, code, text) in cases)
        {
            var answer = await rest.PostAsync(path, body);
            answer.Status.ShouldBe(status, body);
            answer.Body.GetProperty("error_code").GetString().ShouldBe(code, body);
            answer.Body.GetProperty("error_description").GetString().ShouldBe(text, body);
        }
    }

    [Fact]
    public async Task Configured_credentials_are_the_only_valid_ones()
    {
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { AppKey = "mine", AppSecret = "my secret" });
        using var rest = new RestClient(server.RestUrl);

        (await rest.ApproveAsync("mine", "my secret")).Status.ShouldBe(200);
        CodeOf(await rest.ApproveAsync(s_appKey, "my secret")).ShouldBe("EGW00103");
        CodeOf(await rest.ApproveAsync("mine")).ShouldBe("EGW00105");
        CodeOf(await rest.ApproveAsync("MINE", "my secret")).ShouldBe("EGW00103");
    }

    [Fact]
    public async Task Frequent_requests_of_an_app_key_are_refused_until_the_interval_has_passed()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = time, ApprovalInterval = TimeSpan.FromSeconds(1) });
        using var rest = new RestClient(server.RestUrl);

        (await rest.ApproveAsync(s_appKey)).Status.ShouldBe(200);
        time.Advance(TimeSpan.FromSeconds(0.9));
        var tooSoon = await rest.ApproveAsync(s_appKey);
        tooSoon.Status.ShouldBe(403);
        CodeOf(tooSoon).ShouldBe("EGW00201");
        tooSoon.Body.GetProperty("error_description").GetString().ShouldBe("초당 거래건수를 초과하였습니다.");
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(200);

        time.Advance(TimeSpan.FromSeconds(0.1));
        (await rest.ApproveAsync(s_appKey)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_approval_key_is_valid_for_24_hours_and_its_session_for_longer()
    {
        var time = new ManualTimeProvider();
        var options = new SimulatorOptions { TimeProvider = time, HeartbeatInterval = TimeSpan.FromDays(10) };
        await using var server = await SimulatorServer.StartAsync(options);
        var approvalKey = await RestClient.ApprovalKeyAsync(server.RestUrl, s_appKey);
        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await using var early = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await early.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0000");

        time.Advance(TimeSpan.FromSeconds(1));

        (await early.RegisterAsync("H0UPCNT0", "1001")).Code.Value.ShouldBe("OPSP0000");
        await using var late = await FeedClient.ConnectAsync(server.WebSocketUrl, approvalKey);
        (await late.RegisterAsync("H0UPCNT0", "0001")).Code.Value.ShouldBe("OPSP0011");
    }

    private static string CodeOf((int Status, JsonElement Body) answer) => answer.Body.GetProperty("error_code").GetString()!;

    private static string Body(string grantType, string appKey, string secretName, string secret) =>
        $$"""{"grant_type":"{{grantType}}","appkey":"{{appKey}}","{{secretName}}":"{{secret}}"}""";
}
