using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Who may ask over plain HTTP, and how often.</summary>
public sealed class GateTests : IDisposable
{
    private const string Status = "/v1/status";

    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task Where_there_are_no_tokens_everybody_may_whatever_the_credentials()
    {
        await using var stage = await Stage.OpenAsync();

        (await stage.GetAsync(Status)).Status.ShouldBe(200);
        (await stage.GetAsync(Status, "Authorization: Basic !!!")).Status.ShouldBe(200);
        (await stage.GetAsync(Status + "?approval_key=nobodys")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_consumer_comes_with_its_pair_or_with_an_approval_key()
    {
        await using var stage = await OpenAsync();
        var anna = _household["anna"];
        var approvalKey = await _household.ApprovalKeyAsync(stage, "anna");

        foreach (var reply in (WebReply[])
        [
            await stage.GetAsync(Status, WebClient.Basic(anna)),
            await stage.GetAsync(Status, WebClient.Basic(anna).Replace("Basic", "bAsIc", StringComparison.Ordinal)),
            await stage.GetAsync(Status, $"Authorization: Bearer {approvalKey}"),
            await stage.GetAsync($"{Status}?approval_key={approvalKey}"),
            await stage.GetAsync(Status, WebClient.Basic(anna), "Host: gateway.example"),
        ])
        {
            reply.Status.ShouldBe(200, reply.Body);
            reply.Json.GetProperty("consumers")[0].GetProperty("name").GetString().ShouldBe("anna");
        }

        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_not_known_is_asked_for_credentials_and_told_nothing_else()
    {
        await using var stage = await OpenAsync();
        var (anna, boris) = (_household["anna"], _household["boris"]);
        var approvalKey = await _household.ApprovalKeyAsync(stage, "anna");
        string[][] strangers =
        [
            [],
            [WebClient.Basic(anna.AppKey, boris.AppSecret)],
            [WebClient.Basic(anna.AppKey, anna.AppSecret[..^1])],
            [WebClient.Basic(anna.AppKey, "")],
            [WebClient.Basic("", anna.AppSecret)],
            [WebClient.Basic(anna.AppSecret, anna.AppKey)],
            [WebClient.Basic(anna), WebClient.Basic(anna)],
            [$"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(anna.AppKey))}"],
            ["Authorization: Basic"],
            ["Authorization: Basic !!!"],
            ["Authorization: Basic /////w=="],
            ["Authorization: Bearer"],
            [$"Authorization: Bearer {approvalKey}x"],
            [$"Authorization: Bearer {anna.AppKey}"],
            [$"Authorization: Digest {approvalKey}"],
            [$"Authorization: {approvalKey}"],
        ];

        foreach (var headers in strangers)
        {
            var reply = await stage.GetAsync(Status, headers);
            reply.Status.ShouldBe(401, string.Join('\n', headers));
            reply.Code.ShouldBe("credentialsNeeded");
            reply.Headers["WWW-Authenticate"].ShouldBe("Basic realm=\"kisfeed\", charset=\"UTF-8\"");
        }

        foreach (var query in (string[])["?approval_key=", $"?approval_key={anna.AppKey}", $"?approval_key={approvalKey}&approval_key={approvalKey}"])
            (await stage.GetAsync(Status + query)).Status.ShouldBe(401, query);
        (await stage.GetAsync($"{Status}?approval_key={approvalKey}", "Authorization: Bearer nobodys")).Status.ShouldBe(401, "the header says who it is");
        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(strangers.Length + 4);
    }

    [Fact]
    public async Task Who_has_been_wrong_too_often_is_told_to_wait_and_who_is_right_is_not()
    {
        var time = new ManualTimeProvider();
        await using var stage = await OpenAsync(options => options with { TimeProvider = time });
        var wrong = WebClient.Basic(_household["anna"].AppKey, "wrong");
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            (await stage.GetAsync(Status, wrong)).Status.ShouldBe(401);

        var reply = await stage.GetAsync(Status, wrong);

        reply.Status.ShouldBe(429);
        reply.Code.ShouldBe("tooManyFailures");
        reply.Headers["Retry-After"].ShouldBe("1");
        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(AuthenticationThrottle.Burst);
        stage.Gateway.Refusals.Of(RefusalReason.TooManyFailures).ShouldBe(1);
        (await stage.GetAsync(Status, WebClient.Basic(_household["anna"]))).Status.ShouldBe(200);
        time.Advance(TimeSpan.FromSeconds(1));
        (await stage.GetAsync(Status, wrong)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Every_page_but_those_of_health_needs_credentials_where_there_are_tokens()
    {
        await using var stage = await OpenAsync();

        foreach (var path in stage.Gateway.Routes.Where(r => r == "/" || (r.StartsWith("/v1/", StringComparison.Ordinal) && r != "/v1/signin")))
            (await stage.GetAsync(path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))).Status.ShouldBe(401, path);
        (await stage.GetAsync("/healthz")).Status.ShouldBe(200);
        (await stage.GetAsync("/readyz")).Status.ShouldBeOneOf(200, 503);
    }

    [Fact]
    public async Task Who_has_gone_is_nobody_at_once()
    {
        await using var stage = await OpenAsync();
        var anna = _household["anna"];
        var approvalKey = await _household.ApprovalKeyAsync(stage, "anna");

        await _household.RemoveAsync("anna");
        stage.Gateway.ReloadConsumers();

        (await stage.GetAsync(Status, WebClient.Basic(anna))).Status.ShouldBe(401);
        (await stage.GetAsync(Status, $"Authorization: Bearer {approvalKey}")).Status.ShouldBe(401);
        (await stage.GetAsync(Status, WebClient.Basic(_household["boris"]))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Who_asks_too_often_waits_and_nobody_else_does()
    {
        const int Burst = 7;
        var time = new ManualTimeProvider();
        await using var stage = await OpenAsync(options => options with { TimeProvider = time, Limits = ConsumerLimits.Default with { RequestBurst = Burst, RequestsPerSecond = 1 } });
        var (anna, boris) = (WebClient.Basic(_household["anna"]), WebClient.Basic(_household["boris"]));
        await using var bystander = await _household.ConnectAsync(stage, "boris");
        (await bystander.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < Burst; i++)
            (await stage.GetAsync(Status, anna)).Status.ShouldBe(200);
        for (var i = 0; i < 3; i++)
        {
            var reply = await stage.GetAsync(Status, anna);
            reply.Status.ShouldBe(429);
            reply.Code.ShouldBe("tooManyRequests");
            reply.Headers["Retry-After"].ShouldBe("1");
            await bystander.ReceiveFrameAsync();
        }

        (await stage.GetAsync(Status, boris)).Status.ShouldBe(200);
        time.Advance(TimeSpan.FromSeconds(1));
        var again = await stage.GetAsync(Status, anna);

        again.Status.ShouldBe(200);
        again.Json.GetProperty("consumers")[0].GetProperty("refusedByLimit").GetProperty("requests").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task A_long_body_is_not_waited_for()
    {
        await using var stage = await OpenAsync();

        var reply = await stage.GetAsync(Status, WebClient.Basic(_household["anna"]), "Content-Length: 16385");

        reply.Status.ShouldBe(413);
        reply.Code.ShouldBe("bodyTooLong");
        (await stage.SendAsync("POST", Status, "Content-Length: 2000000000")).Status.ShouldBe(405);
        (await stage.GetAsync(Status, WebClient.Basic(_household["anna"]))).Status.ShouldBe(200);
    }

    private async Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        return await Stage.OpenAsync(with: options => (with?.Invoke(options) ?? options) with { TokenFile = _household.TokenFile });
    }
}
