using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>A browser signs in with the code of a link: once, in time, and as the consumer alone that the link was made for.</summary>
public sealed class SignInTests : IDisposable
{
    private const string Path = "/v1/signin";
    private const string Status = "/v1/status";

    private readonly Household _household = new();

    private SignInLinkFile Links => new(_household.TokenFile, TimeProvider.System);

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task A_code_is_exchanged_once_for_a_key_with_the_rights_of_its_consumer()
    {
        await using var stage = await OpenAsync();
        var code = await LinkAsync("bonds");

        var first = await SignInAsync(stage, code);
        var second = await SignInAsync(stage, code);

        first.Status.ShouldBe(200, first.Body);
        var bearer = $"Authorization: Bearer {first.Json.GetProperty("approvalKey").GetString()}";
        (await stage.GetAsync("/v1/dashboard", bearer)).Json.GetProperty("viewer").GetProperty("name").GetString().ShouldBe("bonds");
        (await stage.GetAsync("/v1/last/index/0001", bearer)).Code.ShouldBe("feedNotAllowed");
        (second.Status, second.Code).ShouldBe((401, "linkNotValid"));
    }

    [Fact]
    public async Task Of_many_who_come_with_one_code_at_once_one_is_signed_in()
    {
        await using var stage = await OpenAsync();
        var code = await LinkAsync("bonds");

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SignInAsync(stage, code)));

        replies.Select(r => r.Status).Order().ShouldBe([200, 401, 401, 401, 401, 401, 401, 401]);
    }

    [Fact]
    public async Task A_code_of_another_run_of_the_gateway_is_no_better_used_twice()
    {
        var code = await LinkAsync("bonds");
        await using (var stage = await OpenAsync())
            (await SignInAsync(stage, code)).Status.ShouldBe(200);

        await using var next = await OpenAsync();

        (await SignInAsync(next, code)).Code.ShouldBe("linkNotValid");
    }

    [Fact]
    public async Task What_has_expired_what_never_was_and_what_lost_its_consumer_has_one_answer()
    {
        await using var stage = await OpenAsync();
        var expired = await LinkAsync("bonds", TimeSpan.FromSeconds(-1));
        var orphaned = await LinkAsync("guest");
        await _household.RemoveAsync("guest");
        stage.Gateway.ReloadConsumers();

        string[] answers = [.. await Task.WhenAll(((string[])[expired, orphaned, "", "AAAAAAAAAAAAAAAAAAAAAAAA"]).Select(async code => (await SignInAsync(stage, code)).Body))];

        answers.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().ShouldContain("linkNotValid");
    }

    [Fact]
    public async Task A_consumer_that_was_added_just_now_can_sign_in_and_its_key_ends_with_it()
    {
        await using var stage = await OpenAsync();
        await _household.AddAsync("late");
        var reply = await SignInAsync(stage, await LinkAsync("late"));
        var bearer = $"Authorization: Bearer {reply.Json.GetProperty("approvalKey").GetString()}";
        (await stage.GetAsync(Status, bearer)).Status.ShouldBe(200);

        await _household.RemoveAsync("late");
        stage.Gateway.ReloadConsumers();

        (await stage.GetAsync(Status, bearer)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Wrong_codes_count_against_the_limit_of_wrong_credentials()
    {
        await using var stage = await OpenAsync(options => options with { TimeProvider = new ManualTimeProvider() });
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            (await SignInAsync(stage, "wrong")).Status.ShouldBe(401);

        var reply = await SignInAsync(stage, "wrong");

        (reply.Status, reply.Code).ShouldBe((429, "tooManyFailures"));
        reply.Headers.ContainsKey("Retry-After").ShouldBeTrue();
        (await stage.GetAsync(Status, WebClient.Basic(_household["bonds"].AppKey, "wrong"))).Status.ShouldBe(429, "credentials and codes are counted together");
        (await SignInAsync(stage, await LinkAsync("bonds"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("text/plain", """{"code":"x"}""", 400)]
    [InlineData("application/json", "code=x", 400)]
    [InlineData("application/json", "null", 400)]
    [InlineData("application/json", "{}", 400)]
    [InlineData("application/json", null, 400)]
    public async Task What_is_no_code_at_all_is_refused(string type, string? body, int status)
    {
        await using var stage = await OpenAsync();

        (await PostAsync(stage, body ?? $$"""{"code":"{{new string('x', 2_000)}}"}""", type)).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Pages_of_other_origins_can_sign_nobody_in_and_only_a_post_does()
    {
        await using var stage = await OpenAsync();
        var code = await LinkAsync("bonds");

        (await PostAsync(stage, Body(code), "application/json", "Origin: https://evil.example")).Code.ShouldBe("originNotAllowed");
        var get = await stage.GetAsync($"{Path}?code={code}");
        (get.Status, get.Headers["Allow"]).ShouldBe((405, "POST, OPTIONS"));
        (await SignInAsync(stage, code)).Status.ShouldBe(200, "neither has used the code");
    }

    [Fact]
    public async Task The_code_stands_nowhere()
    {
        await using var stage = await OpenAsync();
        var code = await LinkAsync("bonds");
        (await File.ReadAllTextAsync(Links.Path)).ShouldNotContain(code);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Links.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await SignInAsync(stage, code);
        await SignInAsync(stage, code);

        stage.Log.Entries.ShouldContain(entry => entry.Text.StartsWith("A browser signed in as consumer bonds with a sign-in link", StringComparison.Ordinal));
        stage.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_signs_nobody_in_and_the_log_says_why()
    {
        await using var stage = await OpenAsync();
        var code = await LinkAsync("bonds");
        await File.WriteAllTextAsync(Links.Path, "{}");

        var reply = await SignInAsync(stage, code);

        (reply.Status, reply.Code).ShouldBe((503, "signInUnavailable"));
        reply.Body.ShouldNotContain(Links.Path);
        stage.Log.Entries.ShouldContain(entry => entry.Text.Contains(Links.Path, StringComparison.Ordinal));
    }

    private static string Body(string code) => $$"""{"code":"{{code}}"}""";

    private static Task<WebReply> SignInAsync(Stage stage, string code) => PostAsync(stage, Body(code), "application/json");

    private static Task<WebReply> PostAsync(Stage stage, string body, string type, params string[] headers) => stage.SendAsync(Encoding.UTF8.GetBytes(string.Join(
        "\r\n", [$"POST {Path} HTTP/1.1", $"Host: 127.0.0.1:{stage.Gateway.Port}", $"Content-Type: {type}", $"Content-Length: {Encoding.UTF8.GetByteCount(body)}", "Connection: close", .. headers, "", body])));

    private async Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _household.AddAsync("bonds", feeds: ["H0BJCNT0"]);
        await _household.AddAsync("guest");
        return await Stage.OpenAsync(with: options => (with?.Invoke(options) ?? options) with { TokenFile = _household.TokenFile });
    }

    private async Task<string> LinkAsync(string name, TimeSpan? expires = null)
    {
        var file = new ConsumerFile(_household.TokenFile);
        if (file.Read().All(c => c.Name != name))
            await _household.AddAsync(name);
        return await Links.AddAsync(file.Find(name), TimeProvider.System.GetUtcNow() + (expires ?? TimeSpan.FromMinutes(10)), CancellationToken.None);
    }
}
