using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Sign-in with the code of a link: once, before it expires, and only as its consumer.</summary>
public sealed class SignInTests : IDisposable
{
    private const string Path = "/v1/signin";
    private const string Status = "/v1/status";

    private readonly TestConsumers _testConsumers = new();

    private SignInLinkFile Links => new(_testConsumers.TokenFile, TimeProvider.System);

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task A_code_is_exchanged_once_for_an_approval_key_of_its_consumer()
    {
        await using var testGateway = await OpenAsync();
        var code = await LinkAsync("bonds");

        var first = await SignInAsync(testGateway, code);
        var second = await SignInAsync(testGateway, code);

        first.Status.ShouldBe(200, first.Body);
        var bearer = $"Authorization: Bearer {first.Json.GetProperty("approvalKey").GetString()}";
        (await testGateway.GetAsync("/v1/dashboard", bearer)).Json.ShouldHave("""{"viewer":{"name":"bonds"}}""");
        (await testGateway.GetAsync("/v1/last/index/0001", bearer)).Code.ShouldBe("feedNotAllowed");
        second.ShouldBeProblem(401, "linkNotValid");
    }

    [Fact]
    public async Task Only_one_of_several_concurrent_uses_of_a_code_succeeds()
    {
        await using var testGateway = await OpenAsync();
        var code = await LinkAsync("bonds");

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SignInAsync(testGateway, code)));

        replies.Select(r => r.Status).Order().ShouldBe([200, 401, 401, 401, 401, 401, 401, 401]);
    }

    [Fact]
    public async Task A_code_cannot_be_used_again_after_a_restart()
    {
        var code = await LinkAsync("bonds");
        await using (var testGateway = await OpenAsync())
            (await SignInAsync(testGateway, code)).Status.ShouldBe(200);

        await using var next = await OpenAsync();

        (await SignInAsync(next, code)).Code.ShouldBe("linkNotValid");
    }

    [Fact]
    public async Task Expired_unknown_and_orphaned_codes_get_the_same_answer()
    {
        await using var testGateway = await OpenAsync();
        var expired = await LinkAsync("bonds", TimeSpan.FromSeconds(-1));
        var orphaned = await LinkAsync("guest");
        await _testConsumers.RemoveAsync("guest");
        testGateway.Gateway.ReloadConsumers();

        string[] answers = [.. await Task.WhenAll(((string[])[expired, orphaned, "", "AAAAAAAAAAAAAAAAAAAAAAAA"])
            .Select(async code => (await SignInAsync(testGateway, code)).Body))];

        answers.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldContain("linkNotValid");
    }

    [Fact]
    public async Task A_newly_added_consumer_can_sign_in_and_its_key_ends_with_it()
    {
        await using var testGateway = await OpenAsync();
        await _testConsumers.AddAsync("late");
        var reply = await SignInAsync(testGateway, await LinkAsync("late"));
        var bearer = $"Authorization: Bearer {reply.Json.GetProperty("approvalKey").GetString()}";
        (await testGateway.GetAsync(Status, bearer)).Status.ShouldBe(200);

        await _testConsumers.RemoveAsync("late");
        testGateway.Gateway.ReloadConsumers();

        (await testGateway.GetAsync(Status, bearer)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Wrong_codes_count_against_the_limit_of_wrong_credentials()
    {
        await using var testGateway = await OpenAsync(options => options with { TimeProvider = new ManualTimeProvider() });
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            (await SignInAsync(testGateway, "wrong")).Status.ShouldBe(401);

        var reply = await SignInAsync(testGateway, "wrong");

        reply.ShouldBeProblem(429, "tooManyFailures");
        reply.Headers.ContainsKey("Retry-After").ShouldBeTrue();
        (await testGateway.GetAsync(Status, WebClient.Basic(_testConsumers["bonds"].AppKey, "wrong"))).Status
            .ShouldBe(429, "credentials and codes are counted together");
        (await SignInAsync(testGateway, await LinkAsync("bonds"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("text/plain", """{"code":"x"}""", 400)]
    [InlineData("application/json", "code=x", 400)]
    [InlineData("application/json", "null", 400)]
    [InlineData("application/json", "{}", 400)]
    [InlineData("application/json", null, 400)]
    public async Task Invalid_codes_are_refused(string type, string? body, int status)
    {
        await using var testGateway = await OpenAsync();

        (await PostAsync(testGateway, body ?? $$"""{"code":"{{new string('x', 2_000)}}"}""", type)).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Foreign_origins_cannot_sign_in_and_only_POST_is_allowed()
    {
        await using var testGateway = await OpenAsync();
        var code = await LinkAsync("bonds");

        (await PostAsync(testGateway, Body(code), "application/json", "Origin: https://evil.example")).Code.ShouldBe("originNotAllowed");
        var get = await testGateway.GetAsync($"{Path}?code={code}");
        (get.Status, get.Headers["Allow"]).ShouldBe((405, "POST, OPTIONS"));
        (await SignInAsync(testGateway, code)).Status.ShouldBe(200, "neither request has used the code");
    }

    [Fact]
    public async Task The_code_is_not_exposed()
    {
        await using var testGateway = await OpenAsync();
        var code = await LinkAsync("bonds");
        (await File.ReadAllTextAsync(Links.Path)).ShouldNotContain(code);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Links.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await SignInAsync(testGateway, code);
        await SignInAsync(testGateway, code);

        testGateway.Log.Entries.ShouldContain(
            entry => entry.Text.StartsWith("A browser signed in as consumer bonds with a sign-in link", StringComparison.Ordinal));
        testGateway.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unusable_file_prevents_the_sign_in_and_is_logged()
    {
        await using var testGateway = await OpenAsync();
        var code = await LinkAsync("bonds");
        await File.WriteAllTextAsync(Links.Path, "{}");

        var reply = await SignInAsync(testGateway, code);

        reply.ShouldBeProblem(503, "signInUnavailable");
        reply.Body.ShouldNotContain(Links.Path);
        testGateway.Log.Entries.ShouldContain(entry => entry.Text.Contains(Links.Path, StringComparison.Ordinal));
    }

    private static string Body(string code) => $$"""{"code":"{{code}}"}""";

    private static Task<WebReply> SignInAsync(TestGateway testGateway, string code) =>
        PostAsync(testGateway, Body(code), "application/json");

    private static Task<WebReply> PostAsync(TestGateway testGateway, string body, string type, params string[] headers) =>
        testGateway.SendAsync(Encoding.UTF8.GetBytes(string.Join(
            "\r\n",
            [
                $"POST {Path} HTTP/1.1",
                $"Host: 127.0.0.1:{testGateway.Gateway.Port}",
                $"Content-Type: {type}",
                $"Content-Length: {Encoding.UTF8.GetByteCount(body)}",
                "Connection: close",
                .. headers,
                "",
                body,
            ])));

    private async Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _testConsumers.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await _testConsumers.AddAsync("guest");
        return await TestGateway.OpenAsync(with: with, consumers: _testConsumers);
    }

    private async Task<string> LinkAsync(string name, TimeSpan? expires = null)
    {
        var file = new ConsumerFile(_testConsumers.TokenFile);
        if (file.Read().All(c => c.Name != name))
            await _testConsumers.AddAsync(name);
        return await Links.AddAsync(
            file.Find(name), TimeProvider.System.GetUtcNow() + (expires ?? TimeSpan.FromMinutes(10)), CancellationToken.None);
    }
}
