using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The dashboard's page and its files.</summary>
public sealed class HtmlTests(SharedGateway shared) : IClassFixture<SharedGateway>, IDisposable
{
    private const string Html = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private const string Script = "/assets/index-abc123.js";

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Browsers_get_the_page_and_other_clients_the_text()
    {
        var testGateway = shared.BeginTest();

        var page = await testGateway.GetAsync("/", Html);
        var text = await testGateway.GetAsync("/", "Accept: */*");

        page.Status.ShouldBe(200);
        page.Body.ShouldBe("<!doctype html><title>시세</title><script src=\"./assets/index-abc123.js\"></script>");
        page.ShouldHaveHeaders(
            "Content-Type: text/html; charset=utf-8",
            "Vary: Accept, Origin",
            "Cache-Control: no-cache",
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                + "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Opener-Policy: same-origin");
        page.Headers["Permissions-Policy"].Split(", ").Where(feature => !feature.EndsWith("=()", StringComparison.Ordinal))
            .ShouldBe(["clipboard-write=(self)"], "the clipboard is permitted for sharing the list of keys");
        text.Headers["Content-Type"].ShouldStartWith("text/plain");
        text.ShouldHaveHeaders("Vary: Accept, Origin", "Cache-Control: no-store");
        text.Body.ShouldNotContain("left out");
        (await testGateway.GetAsync("/", "Accept: text/html;q=0, text/plain")).Headers["Content-Type"].ShouldStartWith("text/plain");
        (await testGateway.GetAsync("/")).Headers["Content-Type"].ShouldStartWith("text/plain");
        (await testGateway.SendAsync("HEAD", "/", Html)).Headers["Content-Type"].ShouldBe("text/html; charset=utf-8");
        (await testGateway.SendAsync("POST", "/", Html)).Code.ShouldBe("methodNotAllowed");
    }

    [Fact]
    public async Task The_page_of_a_stock_refers_to_the_same_files()
    {
        var testGateway = shared.BeginTest();

        var page = await testGateway.GetAsync("/stock/005930", Html);

        page.Status.ShouldBe(200);
        page.Body.ShouldBe("<!doctype html><title>시세</title><script src=\"../assets/index-abc123.js\"></script>");
        page.ShouldHaveHeaders(
            "Content-Type: text/html; charset=utf-8", "Cache-Control: no-cache", "Cross-Origin-Opener-Policy: same-origin");
        page.Headers["Content-Security-Policy"].ShouldBe((await testGateway.GetAsync("/", Html)).Headers["Content-Security-Policy"]);
        (await testGateway.GetAsync("/stock/005930")).Headers["Content-Type"].ShouldStartWith("text/plain");
        (await testGateway.GetAsync("/stock", Html)).ShouldBeProblem(404, "notFound");
    }

    [Fact]
    public async Task A_cached_page_is_not_sent_again()
    {
        var testGateway = shared.BeginTest();
        var tag = (await testGateway.GetAsync("/", Html)).Headers["ETag"];

        foreach (var known in (string[])[tag, $"W/{tag}", $"\"other\", {tag}", "*"])
        {
            var reply = await testGateway.GetAsync("/", Html, $"If-None-Match: {known}");
            reply.Status.ShouldBe(304, known);
            reply.Body.ShouldBeEmpty();
            reply.ShouldHaveHeaders($"ETag: {tag}", "Cache-Control: no-cache");
        }

        (await testGateway.GetAsync("/", Html, "If-None-Match: \"other\"")).Status.ShouldBe(200);
        (await testGateway.GetAsync("/", $"If-None-Match: {tag}")).Status.ShouldBe(200, "the text is not the page");
    }

    [Theory]
    [InlineData(Script, "text/javascript; charset=utf-8")]
    [InlineData("/assets/index-abc123.css", "text/css; charset=utf-8")]
    [InlineData("/assets/icon-abc123.svg", "image/svg+xml; charset=utf-8")]
    [InlineData("/assets/names-abc123.json", "application/json; charset=utf-8")]
    [InlineData("/assets/kisfeed-abc123.webmanifest", "application/manifest+json; charset=utf-8")]
    [InlineData("/assets/digits-abc123.woff2", "font/woff2")]
    public async Task The_files_of_the_page_can_be_cached_permanently(string path, string type)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.GetAsync(path, "Sec-Fetch-Site: same-origin");

        reply.Status.ShouldBe(200);
        reply.ShouldHaveHeaders(
            $"Content-Type: {type}", "Cache-Control: public, max-age=31536000, immutable", "X-Content-Type-Options: nosniff");
        (await testGateway.GetAsync(path, $"If-None-Match: {reply.Headers["ETag"]}")).Status.ShouldBe(304);
    }

    [Theory]
    [InlineData("/assets/")]
    [InlineData("/assets/index-abc123.JS")]
    [InlineData("/assets/index.html")]
    [InlineData("/index.html")]
    [InlineData("/secret.txt")]
    [InlineData("/assets/secret.txt")]
    public async Task Other_files_are_not_found(string path)
    {
        var testGateway = shared.BeginTest();

        var reply = await testGateway.GetAsync(path, Html);

        reply.ShouldBeProblem(404, "notFound");
        reply.Headers["Cache-Control"].ShouldBe("no-store");
        (await testGateway.GetAsync("/assets/..%2fsecret.txt")).Code.ShouldBe("pathNotPlain");
    }

    [Fact]
    public async Task The_page_needs_no_credentials_but_data_do()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { Html = SharedGateway.Html }, consumers: _testConsumers);

        (await testGateway.GetAsync("/", Html)).Status.ShouldBe(200);
        (await testGateway.GetAsync(Script)).Status.ShouldBe(200);
        (await testGateway.GetAsync("/")).Status.ShouldBe(401);
        (await testGateway.GetAsync("/v1/dashboard", Html)).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("navigate", "document", 200)]
    [InlineData("navigate", "iframe", 403)]
    [InlineData("navigate", "object", 403)]
    [InlineData("no-cors", "document", 403)]
    [InlineData("no-cors", "script", 403)]
    [InlineData("cors", "empty", 403)]
    public async Task Links_from_other_sites_may_open_only_the_page(string mode, string destination, int status)
    {
        var testGateway = shared.BeginTest();
        string[] headers = ["Sec-Fetch-Site: cross-site", $"Sec-Fetch-Mode: {mode}", $"Sec-Fetch-Dest: {destination}", Html];

        (await testGateway.GetAsync("/", headers)).Status.ShouldBe(status);
        foreach (var path in (string[])[Script, "/v1/status", "/v1/dashboard", "/v1/stream?subscribe=index:0001", "/healthz"])
            (await testGateway.GetAsync(path, headers)).Code.ShouldBe("originNotAllowed", path);
        (await testGateway.GetAsync("/", [.. headers[..^1], "Accept: text/plain"])).Code
            .ShouldBe("originNotAllowed", "the text describes the gateway");
        (await testGateway.GetAsync("/", [.. headers, "Origin: https://evil.example"])).Code.ShouldBe("originNotAllowed");
    }

    [Fact]
    public async Task A_foreign_host_name_gets_no_page()
    {
        var testGateway = shared.BeginTest();

        (await testGateway.GetAsync("/", Html, "Host: evil.example")).Code.ShouldBe("hostNotAllowed");
        (await testGateway.GetAsync(Script, "Host: evil.example")).Code.ShouldBe("hostNotAllowed");
    }

    [Fact]
    public async Task A_build_without_the_dashboard_explains_how_to_get_it()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { Html = new HtmlFiles([]) });

        var reply = await testGateway.GetAsync("/", Html);

        reply.Status.ShouldBe(200);
        reply.Headers["Content-Type"].ShouldStartWith("text/plain");
        reply.Body.ShouldContain("left out of this build: it needs Node.js");
        (await testGateway.GetAsync(Script)).Status.ShouldBe(404);
    }
}
