using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Addresses and methods that are not what they should be.</summary>
public sealed class PathTests
{
    private static readonly string[] s_crooked =
    [
        "/v1/../healthz", "/v1/..", "/./healthz", "/v1/status/.", "/v1/%2e%2e/healthz", "/v1/%2E./healthz", "/v1/.%2e/healthz", "//v1/status", "/v1//status", "/v1/status//", "/v1\\status",
        "/v1/%5cstatus", "/v1/%2fstatus", "/v1%2Fstatus", "/v1/%252e%252e/healthz", "/v1/last/index/..%2f..", "http://127.0.0.1/v1/../healthz",
        "http://127.0.0.1//v1/status",
    ];

    [Fact]
    public async Task A_path_that_is_not_plain_is_refused_and_a_bystander_does_not_notice()
    {
        await using var stage = await Stage.OpenAsync();
        await using var bystander = await stage.ConnectAsync();
        await bystander.RegisterAsync(Stage.Index, "0001");

        foreach (var path in s_crooked)
        {
            var reply = await stage.GetAsync(path, "Host: 127.0.0.1");
            reply.Status.ShouldBe(400, path);
            reply.Code.ShouldBe("pathNotPlain", path);
            await bystander.ReceiveFrameAsync();
        }

        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(s_crooked.Length);
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
    public async Task Where_there_is_nothing_that_is_said(string path)
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.GetAsync(path);

        reply.Status.ShouldBe(404);
        reply.Code.ShouldBe("notFound");
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    [Theory]
    [InlineData("/oauth2/none", """{"error_code":"EGW00202","error_description":"GW라우팅 중 오류가 발생했습니다."}""")]
    [InlineData("/uapi/domestic-stock/v1/quotations/inquire-price", """{"rt_cd":"1","msg_cd":"EGW00202","msg1":"GW라우팅 중 오류가 발생했습니다."}""")]
    public async Task Paths_of_the_broker_that_are_not_served_are_answered_in_its_words(string path, string answer)
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.GetAsync(path);

        reply.Status.ShouldBe(404);
        reply.Body.ShouldBe(answer);
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task The_root_is_the_dashboard_and_the_WebSocket()
    {
        await using var stage = await Stage.OpenAsync(with: options => options with { Html = new HtmlFiles(new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["index.html"] = "<!doctype html>"u8.ToArray() }) });
        var browser = await stage.GetAsync("/", "Accept: text/html");
        await using var client = await FeedClient.ConnectAsync(stage.Url, path: "/");

        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        await client.ReceiveFrameAsync();
        browser.Status.ShouldBe(200);
        browser.Body.ShouldBe("<!doctype html>");
        (await RawClient.AskAsync(stage.Url, "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"))
            .ShouldStartWith("HTTP/1.1 403 ");
    }

    [Fact]
    public async Task Spellings_that_mean_the_same_to_everybody_are_good()
    {
        await using var stage = await Stage.OpenAsync();

        foreach (var target in (string[])["/v1/Status", "/v1/status/", $"http://127.0.0.1:{stage.Gateway.Port}/v1/status", "/v1/stat%75s", "/v1/status?approval_key=../..//%2e", "/v1/feeds/INDEX"])
            (await stage.GetAsync(target)).Status.ShouldBe(200, target);
    }

    [Fact]
    public async Task What_is_no_request_gets_an_error_and_nothing_else()
    {
        await using var stage = await Stage.OpenAsync();
        string[] wrong =
        [
            "GET /v1/status\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "GET /v1/\0status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "GET v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\n\r\n", "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n", "GET /v1/status HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", "\0\0\0\0\r\n\r\n",
            "GET /v1/last/index/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "GET /v1/last/index/0001%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", $"GET /v1/status?{new string('a', 9000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            $"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {new string('a', 40_000)}\r\n\r\n", "GET  /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        ];

        foreach (var request in wrong)
        {
            var reply = await stage.SendAsync(Encoding.Latin1.GetBytes(request));
            reply.Status.ShouldBeInRange(400, 505, request);
            reply.Body.ShouldBeEmpty();
        }

        (await stage.GetAsync("/v1/status")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("TRACE")]
    [InlineData("get")]
    [InlineData("PROPFIND")]
    public async Task Only_looking_is_possible(string method)
    {
        await using var stage = await Stage.OpenAsync();

        foreach (var path in (string[])["/", "/healthz", "/v1/status", "/v1/last/index/0001", "/v1/feeds/index"])
        {
            var reply = await stage.SendAsync(method, path, "X-HTTP-Method-Override: GET", "Content-Length: 0");
            reply.Status.ShouldBe(405, path);
            reply.Code.ShouldBe("methodNotAllowed");
            reply.Headers["Allow"].ShouldBe("GET, HEAD, OPTIONS");
        }

        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(5);
    }

    [Fact]
    public async Task Requests_of_proxies_lead_nowhere()
    {
        await using var stage = await Stage.OpenAsync();

        (await stage.SendAsync("CONNECT", "127.0.0.1:80")).Status.ShouldBeInRange(400, 499);
        (await stage.GetAsync("http://example.com/v1/status", "Host: example.com")).Code.ShouldBe("hostNotAllowed");
        (await stage.SendAsync("OPTIONS", "*")).Code.ShouldBe("pathNotPlain");
    }

    [Theory]
    [InlineData("GET", "/oauth2/Approval", "POST")]
    [InlineData("POST", "/tryitout", "GET")]
    public async Task The_brokers_side_says_what_it_answers_to(string method, string path, string allow)
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.SendAsync(method, path, "Content-Length: 0");

        reply.Status.ShouldBe(405);
        reply.Headers["Allow"].ShouldBe(allow);
        reply.Code.ShouldBe("methodNotAllowed");
    }

    [Fact]
    public async Task The_head_of_a_page_is_that_of_the_page()
    {
        await using var stage = await Stage.OpenAsync();

        foreach (var path in (string[])["/", "/healthz", "/v1/feeds", "/v1/openapi.json", "/v1/last/index/0001"])
        {
            var page = await stage.GetAsync(path);
            var head = await stage.SendAsync("HEAD", path);
            head.Status.ShouldBe(page.Status);
            head.Body.ShouldBeEmpty();
            head.Headers["Content-Type"].ShouldBe(page.Headers["Content-Type"]);
            head.Headers["Content-Length"].ShouldBe($"{Encoding.UTF8.GetByteCount(page.Body)}");
        }
    }

    [Fact]
    public async Task No_answer_is_kept_by_anybody_nor_taken_for_something_else()
    {
        await using var stage = await Stage.OpenAsync();

        foreach (var target in (string[])["/", "/healthz", "/v1/feeds", "/v1/status", "/nothing", "/v1/../x", "/v1/last/none/0001"])
        {
            var reply = await stage.GetAsync(target);
            reply.Headers["Cache-Control"].ShouldBe("no-store", target);
            reply.Headers["X-Content-Type-Options"].ShouldBe("nosniff", target);
            reply.Headers["Content-Security-Policy"].ShouldBe("default-src 'none'; frame-ancestors 'none'", target);
            reply.Headers.ContainsKey("Server").ShouldBeFalse();
        }
    }
}
