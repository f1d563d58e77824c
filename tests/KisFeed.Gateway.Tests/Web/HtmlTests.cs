using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Web.Html;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>The dashboard's page and its files.</summary>
public sealed class HtmlTests : IDisposable
{
    private const string Html = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private const string Script = "/assets/index-abc123.js";

    private static readonly HtmlFiles s_files = new(new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["index.html"] = "<!doctype html><title>시세</title>"u8.ToArray(),
        ["assets/index-abc123.js"] = "export {};"u8.ToArray(),
        ["assets/index-abc123.css"] = "a{}"u8.ToArray(),
        ["assets/icon-abc123.svg"] = "<svg/>"u8.ToArray(),
        ["assets/names-abc123.json"] = "{}"u8.ToArray(),
        ["assets/kisfeed-abc123.webmanifest"] = "{}"u8.ToArray(),
        ["assets/digits-abc123.woff2"] = [1, 2, 3],
        ["secret.txt"] = "not of the page"u8.ToArray(),
    });

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Browsers_get_the_page_and_other_clients_the_text()
    {
        await using var testGateway = await OpenAsync();

        var page = await testGateway.GetAsync("/", Html);
        var text = await testGateway.GetAsync("/", "Accept: */*");

        page.Status.ShouldBe(200);
        page.Body.ShouldBe("<!doctype html><title>시세</title>");
        page.Headers["Content-Type"].ShouldBe("text/html; charset=utf-8");
        page.Headers["Vary"].ShouldBe("Accept, Origin");
        page.Headers["Cache-Control"].ShouldBe("no-cache");
        page.Headers["Content-Security-Policy"].ShouldBe(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
            + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        page.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
        page.Headers["Referrer-Policy"].ShouldBe("no-referrer");
        page.Headers["Cross-Origin-Opener-Policy"].ShouldBe("same-origin");
        page.Headers["Permissions-Policy"].Split(", ").Where(feature => !feature.EndsWith("=()", StringComparison.Ordinal))
            .ShouldBe(["clipboard-write=(self)"], "the clipboard is permitted for sharing the list of keys");
        text.Headers["Content-Type"].ShouldStartWith("text/plain");
        text.Headers["Vary"].ShouldBe("Accept, Origin");
        text.Headers["Cache-Control"].ShouldBe("no-store");
        text.Body.ShouldNotContain("left out");
        (await testGateway.GetAsync("/", "Accept: text/html;q=0, text/plain")).Headers["Content-Type"].ShouldStartWith("text/plain");
        (await testGateway.GetAsync("/")).Headers["Content-Type"].ShouldStartWith("text/plain");
        (await testGateway.SendAsync("HEAD", "/", Html)).Headers["Content-Type"].ShouldBe("text/html; charset=utf-8");
        (await testGateway.SendAsync("POST", "/", Html)).Code.ShouldBe("methodNotAllowed");
    }

    [Fact]
    public async Task A_cached_page_is_not_sent_again()
    {
        await using var testGateway = await OpenAsync();
        var tag = (await testGateway.GetAsync("/", Html)).Headers["ETag"];

        foreach (var known in (string[])[tag, $"W/{tag}", $"\"other\", {tag}", "*"])
        {
            var reply = await testGateway.GetAsync("/", Html, $"If-None-Match: {known}");
            reply.Status.ShouldBe(304, known);
            reply.Body.ShouldBeEmpty();
            reply.Headers["ETag"].ShouldBe(tag);
            reply.Headers["Cache-Control"].ShouldBe("no-cache");
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
        await using var testGateway = await OpenAsync();

        var reply = await testGateway.GetAsync(path, "Sec-Fetch-Site: same-origin");

        reply.Status.ShouldBe(200);
        reply.Headers["Content-Type"].ShouldBe(type);
        reply.Headers["Cache-Control"].ShouldBe("public, max-age=31536000, immutable");
        reply.Headers["X-Content-Type-Options"].ShouldBe("nosniff");
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
        await using var testGateway = await OpenAsync();

        var reply = await testGateway.GetAsync(path, Html);

        reply.Status.ShouldBe(404);
        reply.Code.ShouldBe("notFound");
        reply.Headers["Cache-Control"].ShouldBe("no-store");
        (await testGateway.GetAsync("/assets/..%2fsecret.txt")).Code.ShouldBe("pathNotPlain");
    }

    [Fact]
    public async Task The_page_needs_no_credentials_but_data_do()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await OpenAsync(options => options with { TokenFile = _testConsumers.TokenFile });

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
        await using var testGateway = await OpenAsync();
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
        await using var testGateway = await OpenAsync();

        (await testGateway.GetAsync("/", Html, "Host: evil.example")).Code.ShouldBe("hostNotAllowed");
        (await testGateway.GetAsync(Script, "Host: evil.example")).Code.ShouldBe("hostNotAllowed");
    }

    [Fact]
    public async Task A_build_without_the_dashboard_explains_how_to_get_it()
    {
        await using var testGateway = await OpenAsync(options => options with { Html = new HtmlFiles([]) });

        var reply = await testGateway.GetAsync("/", Html);

        reply.Status.ShouldBe(200);
        reply.Headers["Content-Type"].ShouldStartWith("text/plain");
        reply.Body.ShouldContain("left out of this build: install Node.js");
        (await testGateway.GetAsync(Script)).Status.ShouldBe(404);
    }

    private static Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) => TestGateway.OpenAsync(with: options =>
    {
        options = options with { Html = s_files };
        return with?.Invoke(options) ?? options;
    });
}
