using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Invalid paths and methods.</summary>
public sealed class PathTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string[] s_abnormalPaths =
    [
        "/v1/../healthz", "/v1/..", "/./healthz", "/v1/status/.", "/v1/%2e%2e/healthz", "/v1/%2E./healthz", "/v1/.%2e/healthz",
        "//v1/status", "/v1//status", "/v1/status//", "/v1\\status",
        "/v1/%5cstatus", "/v1/%2fstatus", "/v1%2Fstatus", "/v1/%252e%252e/healthz", "/v1/last/index/..%2f..",
        "http://127.0.0.1/v1/../healthz",
        "http://127.0.0.1//v1/status",
    ];

    [Fact]
    public async Task An_abnormal_path_is_refused_without_affecting_others()
    {
        var testGateway = shared.BeginTest();
        await using var control = await testGateway.ConnectAsync();
        await control.RegisterAsync(TestGateway.Index, "0001");

        foreach (var path in s_abnormalPaths)
        {
            var reply = await testGateway.GetAsync(path, "Host: 127.0.0.1");
            reply.ShouldBeProblem(400, "pathNotPlain");
            await control.ReceiveFrameAsync();
        }

        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(s_abnormalPaths.Length);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/statuses")]
    [InlineData("/v2/status")]
    [InlineData("/v1/last")]
    [InlineData("/v1/last/index")]
    [InlineData("/v1/last/index/0001/x")]
    [InlineData("/v1/status;x")]
    [InlineData("/.git/config")]
    [InlineData("/tryitout/H0UPCNT0/x")]
    [InlineData("/%ED%95%9C")]
    [InlineData("/%ff%fe")]
    public async Task An_unknown_path_is_reported_as_such(string path)
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync(path)).ShouldBeProblem(404, "notFound");
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

    [Theory]
    [InlineData("/oauth2/none", """{"error_code":"EGW00202","error_description":"GW라우팅 중 오류가 발생했습니다."}""")]
    [InlineData("/uapi/domestic-stock/v1/quotations/inquire-price", """{"rt_cd":"1","msg_cd":"EGW00202","msg1":"GW라우팅 중 오류가 발생했습니다."}""")]
    public async Task Unserved_paths_of_the_broker_are_answered_in_its_format(string path, string answer)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.GetAsync(path);

        reply.Status.ShouldBe(404);
        reply.Body.ShouldBe(answer);
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task The_root_is_the_dashboard_and_the_WebSocket()
    {
        var testGateway = shared.BeginTest();
        var browser = await testGateway.GetAsync("/", "Accept: text/html");
        await using var client = await FeedClient.ConnectAsync(testGateway.Url, path: "/");

        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        await client.ReceiveFrameAsync();
        browser.Status.ShouldBe(200);
        browser.Body.ShouldStartWith("<!doctype html>");
        (await testGateway.GetAsync("/", [.. WebClient.Upgrade, "Origin: https://evil.example"])).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Equivalent_spellings_of_a_path_are_accepted()
    {
        var testGateway = shared.BeginTest();

        foreach (var target in (string[])["/v1/Status", "/v1/status/", $"http://127.0.0.1:{testGateway.Gateway.Port}/v1/status",
            "/v1/stat%75s", "/v1/status?approval_key=../..//%2e", "/v1/feeds/INDEX"])
        {
            (await testGateway.GetAsync(target)).Status.ShouldBe(200, target);
        }
    }

    [Fact]
    public async Task Invalid_requests_get_an_error()
    {
        var testGateway = shared.BeginTest();
        string[] wrong =
        [
            "GET /v1/status\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET /v1/\0status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET /v1/status HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
            "\0\0\0\0\r\n\r\n",
            "GET /v1/last/index/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "GET /v1/last/index/0001%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            $"GET /v1/status?{new string('a', 9000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            $"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {new string('a', 40_000)}\r\n\r\n",
            "GET  /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        ];

        foreach (var request in wrong)
        {
            var reply = await testGateway.SendAsync(Encoding.Latin1.GetBytes(request));
            reply.Status.ShouldBeInRange(400, 505, request);
            reply.Body.ShouldBeEmpty();
        }

        (await testGateway.GetAsync("/v1/status")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("TRACE")]
    [InlineData("get")]
    [InlineData("PROPFIND")]
    public async Task Only_reading_methods_are_allowed(string method)
    {
        var testGateway = shared.BeginTest();

        foreach (var path in (string[])["/", "/healthz", "/v1/status", "/v1/last/index/0001", "/v1/feeds/index"])
        {
            var reply = await testGateway.SendAsync(method, path, "X-HTTP-Method-Override: GET", "Content-Length: 0");
            reply.ShouldBeProblem(405, "methodNotAllowed");
            reply.Headers["Allow"].ShouldBe("GET, HEAD, OPTIONS");
        }

        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(5);
    }

    [Fact]
    public async Task Proxy_requests_are_refused()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.SendAsync("CONNECT", "127.0.0.1:80")).Status.ShouldBeInRange(400, 499);
        (await testGateway.GetAsync("http://example.com/v1/status", "Host: example.com")).Code.ShouldBe("hostNotAllowed");
        (await testGateway.SendAsync("OPTIONS", "*")).Code.ShouldBe("pathNotPlain");
    }

    [Theory]
    [InlineData("GET", "/oauth2/Approval", "POST")]
    [InlineData("POST", "/tryitout", "GET")]
    public async Task The_brokers_paths_report_their_allowed_methods(string method, string path, string allow)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.SendAsync(method, path, "Content-Length: 0");

        reply.ShouldBeProblem(405, "methodNotAllowed");
        reply.Headers["Allow"].ShouldBe(allow);
    }

    [Fact]
    public async Task A_HEAD_request_returns_the_headers_of_the_page()
    {
        var testGateway = shared.BeginTest();

        foreach (var path in (string[])["/", "/healthz", "/v1/feeds", "/v1/openapi.json", "/v1/last/index/0001"])
        {
            var page = await testGateway.GetAsync(path);
            var head = await testGateway.SendAsync("HEAD", path);
            head.Status.ShouldBe(page.Status);
            head.Body.ShouldBeEmpty();
            head.Headers["Content-Type"].ShouldBe(page.Headers["Content-Type"]);
            head.Headers["Content-Length"].ShouldBe($"{Encoding.UTF8.GetByteCount(page.Body)}");
        }
    }

    [Fact]
    public async Task Responses_forbid_caching_and_content_sniffing()
    {
        var testGateway = shared.BeginTest();

        foreach (var target in (string[])["/", "/healthz", "/v1/feeds", "/v1/status", "/nothing", "/v1/../x", "/v1/last/none/0001"])
        {
            var reply = await testGateway.GetAsync(target);
            reply.ShouldHaveHeaders(
                "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
                "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'");
            reply.Headers.ContainsKey("Server").ShouldBeFalse();
        }
    }
}
