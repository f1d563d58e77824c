using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Which pages of browsers may ask over plain HTTP.</summary>
public sealed class OriginTests
{
    private const string Charts = "https://charts.example";

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://charts.example.evil.example")]
    [InlineData("http://charts.example")]
    [InlineData("https://charts.example:444")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    [InlineData("file://")]
    public async Task A_page_of_another_origin_may_not(string origin)
    {
        await using var stage = await OpenAsync();

        foreach (var (method, path) in ((string, string)[])[("GET", "/v1/status"), ("GET", "/healthz"), ("OPTIONS", "/v1/last/index/0001"), ("HEAD", "/")])
        {
            var reply = await stage.SendAsync(method, path, $"Origin: {origin}");
            reply.Status.ShouldBe(403);
            reply.Headers.ContainsKey("Access-Control-Allow-Origin").ShouldBeFalse();
            reply.Headers["Vary"].ShouldBe(path == "/" ? "Accept, Origin" : "Origin");
        }

        (await stage.GetAsync("/v1/status", $"Origin: {origin}")).Code.ShouldBe("originNotAllowed");
        stage.Gateway.Refusals.Of(RefusalReason.Origin).ShouldBe(5);
    }

    [Fact]
    public async Task A_page_of_several_origins_may_not()
    {
        await using var stage = await OpenAsync();

        (await stage.GetAsync("/v1/status", $"Origin: {Charts}", $"Origin: {Charts}")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_page_that_is_allowed_may_and_no_other_reads_the_answer()
    {
        await using var stage = await OpenAsync();

        foreach (var origin in (string[])[Charts, $"http://127.0.0.1:{stage.Gateway.Port}", $"http://localhost:{stage.Gateway.Port}"])
        {
            var reply = await stage.GetAsync("/v1/status", $"Origin: {origin}", "Sec-Fetch-Site: cross-site");
            reply.Status.ShouldBe(200);
            reply.Headers["Access-Control-Allow-Origin"].ShouldBe(origin);
            reply.Headers["Vary"].ShouldBe("Origin");
            reply.Headers.ContainsKey("Access-Control-Allow-Credentials").ShouldBeFalse();
        }

        var problem = await stage.GetAsync("/v1/last/index/0001", $"Origin: {Charts}");
        problem.Code.ShouldBe("notRegistered");
        problem.Headers["Access-Control-Allow-Origin"].ShouldBe(Charts, "what is wrong is for the page to read too");
    }

    [Fact]
    public async Task A_browser_that_asks_before_is_told_what_the_page_may_do()
    {
        using var household = new Household();
        await household.AddAsync("anna");
        await using var stage = await OpenAsync(options => options with { TokenFile = household.TokenFile });

        var reply = await stage.SendAsync("OPTIONS", "/v1/status", $"Origin: {Charts}", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization");

        reply.Status.ShouldBe(204);
        reply.Headers["Access-Control-Allow-Origin"].ShouldBe(Charts);
        reply.Headers["Access-Control-Allow-Methods"].ShouldBe("GET, HEAD, OPTIONS");
        reply.Headers["Access-Control-Allow-Headers"].ShouldBe("Authorization, Last-Event-ID");
        (await stage.SendAsync("OPTIONS", "/v1/status")).Headers["Allow"].ShouldBe("GET, HEAD, OPTIONS");
    }

    [Theory]
    [InlineData("cross-site", 403)]
    [InlineData("Cross-Site", 403)]
    [InlineData("same-site", 403)]
    [InlineData("what is new", 403)]
    [InlineData("same-origin", 200)]
    [InlineData("none", 200)]
    public async Task What_a_page_of_another_origin_embeds_is_not_there(string site, int status)
    {
        await using var stage = await OpenAsync();

        var reply = await stage.GetAsync("/v1/feeds", $"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: no-cors");

        reply.Status.ShouldBe(status);
        reply.Headers["Cross-Origin-Resource-Policy"].ShouldBe("same-origin");
        stage.Gateway.Refusals.Of(RefusalReason.Origin).ShouldBe(status == 403 ? 1 : 0);
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("evil.example:{port}", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost:{port}", 200)]
    [InlineData("[::1]:{port}", 200)]
    [InlineData("charts.example", 200)]
    public async Task Without_tokens_only_names_that_are_the_gateways_reach_it(string host, int status)
    {
        await using var stage = await OpenAsync();

        foreach (var path in (string[])["/v1/status", "/healthz"])
        {
            var reply = await stage.GetAsync(path, "Host: " + host.Replace("{port}", $"{stage.Gateway.Port}", StringComparison.Ordinal));
            reply.Status.ShouldBe(status, path);
            if (status == 403)
                reply.Code.ShouldBe("hostNotAllowed");
        }

        stage.Gateway.Refusals.Of(RefusalReason.Host).ShouldBe(status == 403 ? 2 : 0);
    }

    private static Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) =>
        Stage.OpenAsync(with: options => (with?.Invoke(options) ?? options) with { AllowedOrigins = [Charts] });
}
