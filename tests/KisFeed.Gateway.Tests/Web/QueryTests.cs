using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Query parameters: those that a page does not know are errors, and text need not be percent-encoded.</summary>
public sealed class QueryTests
{
    public static TheoryData<string, string> Pages => new()
    {
        { "/", "The only parameter is approval_key." },
        { "/healthz", "This path has no parameters." },
        { "/readyz", "This path has no parameters." },
        { "/assets/main.js", "This path has no parameters." },
        { "/metrics", "The only parameter is approval_key." },
        { "/v1/feeds", "The only parameter is approval_key." },
        { "/v1/feeds/index", "The only parameter is approval_key." },
        { "/v1/last/index/0001", "The parameters are names and approval_key." },
        { "/v1/history/index/0001", "The only parameter is approval_key." },
        { "/v1/dashboard", "The only parameter is approval_key." },
        { "/v1/instruments", "The parameters are q, limit and approval_key." },
        { "/v1/status", "The only parameter is approval_key." },
        { "/v1/stream", "The parameters are subscribe, names, snapshot, overflow, queue, last_event_id and approval_key." },
        { "/v1/openapi.json", "The only parameter is approval_key." },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_parameter_that_a_page_does_not_know_is_an_error_that_names_it_and_those_there_are(string path, string known)
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.GetAsync($"{path}?colour=red");

        reply.Status.ShouldBe(400);
        reply.Code.ShouldBe("unknownParameter");
        reply.Body.ShouldContain("Unknown parameter 'colour'.");
        reply.Body.ShouldContain(known);
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    [Fact]
    public async Task The_sign_in_knows_no_parameters()
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.SendAsync("POST", "/v1/signin?colour=red");

        reply.Code.ShouldBe("unknownParameter");
        reply.Body.ShouldContain("This path has no parameters.");
    }

    [Fact]
    public async Task Every_page_is_among_those_that_are_tested()
    {
        await using var stage = await Stage.OpenAsync();

        // Those of the broker's protocol ignore what they do not know, as the broker does. The sign-in takes a POST.
        stage.Gateway.Routes.Where(route => route != "/v1/signin" && !route.StartsWith("/oauth2/", StringComparison.Ordinal) && !route.StartsWith("/tryitout", StringComparison.Ordinal))
            .Select(route => route.Replace("{feed}", "index", StringComparison.Ordinal).Replace("{key}", "0001", StringComparison.Ordinal).Replace("{file}", "main.js", StringComparison.Ordinal))
            .ShouldBe(Pages.Select(page => (string)page[0]), ignoreOrder: true);
    }

    [Fact]
    public async Task A_stream_over_a_WebSocket_knows_its_parameters_and_the_broker_protocol_ignores_others()
    {
        await using var stage = await Stage.OpenAsync();

        var reply = await stage.GetAsync("/v1/stream?keys=index:0001", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");

        reply.Code.ShouldBe("unknownParameter");
        await using var client = await FeedClient.ConnectAsync(stage.Url, path: "/tryitout?colour=red");
        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_link_may_give_the_dashboard_parameters_of_its_own()
    {
        await using var stage = await Stage.OpenAsync(with: options => options with { Html = new HtmlFiles(new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["index.html"] = "<!doctype html>"u8.ToArray() }) });

        (await stage.GetAsync("/?utm_source=mail", "Accept: text/html")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_name_that_is_not_known_is_told_as_it_was_written_and_not_at_any_length()
    {
        await using var stage = await Stage.OpenAsync();

        (await stage.GetAsync($"/v1/status?{new string('x', 100)}=1")).Body.ShouldContain($"'{new string('x', 64)}…'");
        (await SendAsync(stage, "/v1/status?이름=삼성")).Body.ShouldContain("Unknown parameter '이름'.");
    }

    [Fact]
    public async Task Text_that_is_not_percent_encoded_means_what_it_says()
    {
        await using var stage = await Stage.OpenAsync();

        var encoded = await stage.GetAsync("/v1/stream?subscribe=%EC%A7%80%EC%88%98:0001&subscribe=index:0001");
        var plain = await SendAsync(stage, "/v1/stream?subscribe=지수:0001&subscribe=index:0001");
        (await SendAsync(stage, "/v1/last/index/삼성")).Code.ShouldBe("notRegistered");
        (await SendAsync(stage, "/v1/feeds/지수")).Code.ShouldBe("unknownFeed");

        plain.Code.ShouldBe("unknownFeed");
        plain.Body.ShouldBe(encoded.Body);
        (await SendAsync(stage, "/v1/status", "X-Name: 삼성")).Status.ShouldBe(200);
    }

    // As a terminal sends it: UTF-8, no escapes.
    private static Task<WebReply> SendAsync(Stage stage, string target, params string[] headers) => stage.SendAsync(
        Encoding.UTF8.GetBytes(string.Join("\r\n", [$"GET {target} HTTP/1.1", $"Host: 127.0.0.1:{stage.Gateway.Port}", .. headers, "Connection: close", "", ""])));
}
