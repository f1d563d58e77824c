using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Requests of browsers from other origins.</summary>
public sealed class OriginTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Charts = SharedGateway.Charts;

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://charts.example.evil.example")]
    [InlineData("http://charts.example")]
    [InlineData("https://charts.example:444")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    [InlineData("file://")]
    public async Task A_foreign_origin_is_refused(string origin)
    {
        var testGateway = shared.BeginTest();

        foreach (var (method, path)
            in ((string, string)[])[("GET", "/v1/status"), ("GET", "/healthz"), ("OPTIONS", "/v1/last/index/0001"), ("HEAD", "/")])
        {
            var reply = await testGateway.SendAsync(method, path, $"Origin: {origin}");
            reply.Status.ShouldBe(403);
            reply.Headers.ContainsKey("Access-Control-Allow-Origin").ShouldBeFalse();
            reply.Headers["Vary"].ShouldBe(path == "/" ? "Accept, Origin" : "Origin");
        }

        (await testGateway.GetAsync("/v1/status", $"Origin: {origin}")).Code.ShouldBe("originNotAllowed");
        testGateway.Refused(AccessRefusalReason.Origin).ShouldBe(5);
    }

    [Fact]
    public async Task Several_origins_are_refused()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync("/v1/status", $"Origin: {Charts}", $"Origin: {Charts}")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task An_allowed_origin_has_access_and_no_other_can_read_the_response()
    {
        var testGateway = shared.BeginTest();

        foreach (var origin in (string[])[Charts,
            $"http://127.0.0.1:{testGateway.Gateway.Port}",
            $"http://localhost:{testGateway.Gateway.Port}"])
        {
            var reply = await testGateway.GetAsync("/v1/status", $"Origin: {origin}", "Sec-Fetch-Site: cross-site");
            reply.Status.ShouldBe(200);
            reply.ShouldHaveHeaders($"Access-Control-Allow-Origin: {origin}", "Vary: Origin");
            reply.Headers.ContainsKey("Access-Control-Allow-Credentials").ShouldBeFalse();
        }

        var problem = await testGateway.GetAsync("/v1/last/index/0001", $"Origin: {Charts}");
        problem.Code.ShouldBe("notRegistered");
        problem.Headers["Access-Control-Allow-Origin"].ShouldBe(Charts, "the page may read errors too");
    }

    [Fact]
    public async Task A_preflight_request_is_answered_with_the_permissions()
    {
        using var testConsumers = new TestConsumers();
        await testConsumers.AddAsync("anna");
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { AllowedOrigins = [Charts] }, consumers: testConsumers);

        var reply = await testGateway.SendAsync(
            "OPTIONS", "/v1/status", $"Origin: {Charts}", "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization");

        reply.Status.ShouldBe(204);
        reply.ShouldHaveHeaders(
            $"Access-Control-Allow-Origin: {Charts}", "Access-Control-Allow-Methods: GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers: Authorization, Last-Event-ID");
        (await testGateway.SendAsync("OPTIONS", "/v1/status")).Headers["Allow"].ShouldBe("GET, HEAD, OPTIONS");
    }

    [Theory]
    [InlineData("cross-site", 403)]
    [InlineData("Cross-Site", 403)]
    [InlineData("same-site", 403)]
    [InlineData("what is new", 403)]
    [InlineData("same-origin", 200)]
    [InlineData("none", 200)]
    public async Task Resources_embedded_by_a_foreign_page_are_not_found(string site, int status)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.GetAsync("/v1/feeds", $"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: no-cors");

        reply.Status.ShouldBe(status);
        reply.Headers["Cross-Origin-Resource-Policy"].ShouldBe("same-origin");
        testGateway.Refused(AccessRefusalReason.Origin).ShouldBe(status == 403 ? 1 : 0);
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("evil.example:{port}", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost:{port}", 200)]
    [InlineData("[::1]:{port}", 200)]
    [InlineData("charts.example", 200)]
    public async Task Without_tokens_only_own_host_names_are_accepted(string host, int status)
    {
        var testGateway = shared.BeginTest();

        foreach (var path in (string[])["/v1/status", "/healthz"])
        {
            var reply = await testGateway.GetAsync(
                path, "Host: " + host.Replace("{port}", $"{testGateway.Gateway.Port}", StringComparison.Ordinal));
            reply.Status.ShouldBe(status, path);
            if (status == 403)
                reply.Code.ShouldBe("hostNotAllowed");
        }

        testGateway.Refused(AccessRefusalReason.Host).ShouldBe(status == 403 ? 2 : 0);
    }
}
