using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Query parameters: unknown ones are errors, and text must be percent-encoded.</summary>
public sealed class QueryTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    public static TheoryData<string, string> Pages => new()
    {
        { "/", "The only parameter is approval_key." },
        { "/healthz", "This path has no parameters." },
        { "/readyz", "This path has no parameters." },
        { "/assets/main.js", "This path has no parameters." },
        { "/stock/005930", "The only parameter is approval_key." },
        { "/metrics", "The only parameter is approval_key." },
        { "/v1/feeds", "The only parameter is approval_key." },
        { "/v1/feeds/index", "The only parameter is approval_key." },
        { "/v1/last/index/0001", "The parameters are names and approval_key." },
        { "/v1/history/index/0001", "The only parameter is approval_key." },
        { "/v1/days", "The only parameter is approval_key." },
        { "/v1/days/2026-11-20", "The parameters are subscribe and approval_key." },
        { "/v1/dashboard", "The only parameter is approval_key." },
        { "/v1/instruments", "The parameters are q, limit, kind and approval_key." },
        { "/v1/status", "The only parameter is approval_key." },
        {
            "/v1/stream",
            "The parameters are subscribe, names, snapshot, overflow, queue, from, format, page, last_event_id and approval_key."
        },
        { "/v1/records", "The parameters are subscribe, from, to, limit, names, format and approval_key." },
        { "/v1/openapi.json", "The only parameter is approval_key." },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task An_unknown_parameter_is_an_error_with_its_name_and_the_known_ones(string path, string known)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.GetAsync($"{path}?colour=red");

        reply.ShouldBeProblem(400, "unknownParameter");
        reply.Body.ShouldContain("Unknown parameter 'colour'.");
        reply.Body.ShouldContain(known);
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task The_sign_in_has_no_parameters()
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.SendAsync("POST", "/v1/signin?colour=red");

        reply.Code.ShouldBe("unknownParameter");
        reply.Body.ShouldContain("This path has no parameters.");
    }

    [Fact]
    public async Task Every_page_is_tested()
    {
        var testGateway = shared.BeginTest();

        // Paths of the broker's protocol ignore unknown parameters, like the broker. The sign-in requires POST.
        testGateway.Gateway.Routes.Where(route => route != "/v1/signin"
            && !route.StartsWith("/oauth2/", StringComparison.Ordinal)
            && !route.StartsWith("/tryitout", StringComparison.Ordinal)
            && !route.StartsWith("/revision", StringComparison.Ordinal))
            .Select(route => route.Replace("{feed}", "index", StringComparison.Ordinal).Replace("{key}", "0001", StringComparison.Ordinal)
                .Replace("{date}", "2026-11-20", StringComparison.Ordinal).Replace("{file}", "main.js", StringComparison.Ordinal)
                .Replace("{code}", "005930", StringComparison.Ordinal))
            .ShouldBe(Pages.Select(page => page.Data.Item1), ignoreOrder: true);
    }

    [Fact]
    public async Task A_WebSocket_stream_checks_its_parameters_and_the_broker_protocol_ignores_unknown_ones()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync("/v1/stream?keys=index:0001", WebClient.Upgrade)).ShouldBeProblem(400, "unknownParameter");
        await using var client = await FeedClient.ConnectAsync(testGateway.Url, path: "/tryitout?colour=red");
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_link_to_the_dashboard_may_have_parameters()
    {
        (await shared.BeginTest().GetAsync("/?utm_source=mail", "Accept: text/html")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_unknown_name_is_reported_as_written_and_shortened()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync($"/v1/status?{new string('x', 100)}=1")).Body.ShouldContain($"'{new string('x', 64)}…'");
        (await testGateway.GetAsync("/v1/status?%EC%9D%B4%EB%A6%84=%EC%82%BC%EC%84%B1")).Body.ShouldContain("Unknown parameter '이름'.");
    }

    [Theory]
    [InlineData("/v1/last/index/%EC%82%BC%EC%84%B1", "notRegistered")]
    [InlineData("/v1/feeds/%EC%A7%80%EC%88%98", "unknownFeed")]
    [InlineData("/v1/stream?subscribe=%EC%A7%80%EC%88%98:0001&subscribe=index:0001", "unknownFeed")]
    public async Task Korean_text_is_percent_encoded(string target, string code)
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync(target)).Code.ShouldBe(code);
        (await SendAsync(testGateway, "/v1/status", "X-Name: 삼성")).Status.ShouldBe(200, "only the request line must be ASCII");
    }

    [Theory]
    [InlineData("/v1/last/index/삼성")]
    [InlineData("/v1/instruments?q=삼성")]
    [InlineData("/삼성?이름=삼성")]
    public async Task A_request_line_that_is_not_ASCII_is_a_bad_request(string target)
    {
        var testGateway = shared.BeginTest();

        (await SendAsync(testGateway, target)).Status.ShouldBe(400);

        (await testGateway.GetAsync("/v1/status")).Status.ShouldBe(200);
    }

    // As sent by a terminal: UTF-8 without escapes.
    private static Task<WebReply> SendAsync(TestGateway testGateway, string target, params string[] headers) => testGateway.SendAsync(
        Encoding.UTF8.GetBytes(string.Join(
            "\r\n", [$"GET {target} HTTP/1.1", $"Host: 127.0.0.1:{testGateway.Gateway.Port}", .. headers, "Connection: close", "", ""])));
}
