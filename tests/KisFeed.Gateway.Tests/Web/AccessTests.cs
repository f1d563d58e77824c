using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>Authentication and rate limits of the HTTP interface.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Status = "/v1/status";

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task Without_tokens_everybody_has_access_with_any_credentials()
    {
        await using var testGateway = await TestGateway.OpenAsync();

        (await testGateway.GetAsync(Status)).Status.ShouldBe(200);
        (await testGateway.GetAsync(Status, "Authorization: Basic !!!")).Status.ShouldBe(200);
        (await testGateway.GetAsync(Status + "?approval_key=nobodys")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_consumer_authenticates_with_its_credentials_or_an_approval_key()
    {
        await using var testGateway = await OpenAsync();
        var anna = _testConsumers["anna"];
        var approvalKey = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");

        foreach (var reply in (WebReply[])
        [
            await testGateway.GetAsync(Status, WebClient.Basic(anna)),
            await testGateway.GetAsync(Status, WebClient.Basic(anna).Replace("Basic", "bAsIc", StringComparison.Ordinal)),
            await testGateway.GetAsync(Status, $"Authorization: Bearer {approvalKey}"),
            await testGateway.GetAsync($"{Status}?approval_key={approvalKey}"),
            await testGateway.GetAsync(Status, WebClient.Basic(anna), "Host: gateway.example"),
        ])
        {
            reply.Status.ShouldBe(200, reply.Body);
            reply.Json.ShouldHave("""{"consumers":[{"name":"anna"}]}""");
        }

        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(0);
    }

    [Fact]
    public async Task Unknown_clients_are_asked_for_credentials_and_learn_nothing_else()
    {
        await using var testGateway = await OpenAsync();
        var (anna, boris) = (_testConsumers["anna"], _testConsumers["boris"]);
        var approvalKey = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");
        string[][] unauthenticatedClients =
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

        foreach (var headers in unauthenticatedClients)
        {
            var reply = await testGateway.GetAsync(Status, headers);
            reply.Status.ShouldBe(401, string.Join('\n', headers));
            reply.Code.ShouldBe("credentialsNeeded");
            reply.Headers["WWW-Authenticate"].ShouldBe("Basic realm=\"kisfeed\", charset=\"UTF-8\"");
        }

        foreach (var query in (string[])["?approval_key=",
            $"?approval_key={anna.AppKey}",
            $"?approval_key={approvalKey}&approval_key={approvalKey}"])
        {
            (await testGateway.GetAsync(Status + query)).Status.ShouldBe(401, query);
        }
        (await testGateway.GetAsync($"{Status}?approval_key={approvalKey}", "Authorization: Bearer unknown")).Status
            .ShouldBe(401, "the header identifies the consumer");
        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(unauthenticatedClients.Length + 4);
    }

    [Fact]
    public async Task Only_wrong_credentials_are_throttled()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await OpenAsync(options => options with { TimeProvider = time });
        var wrong = WebClient.Basic(_testConsumers["anna"].AppKey, "wrong");
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            (await testGateway.GetAsync(Status, wrong)).Status.ShouldBe(401);

        var reply = await testGateway.GetAsync(Status, wrong);

        reply.ShouldBeProblem(429, "tooManyFailures");
        reply.Headers["Retry-After"].ShouldBe("1");
        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(AuthenticationThrottle.Burst);
        testGateway.Refused(AccessRefusalReason.TooManyFailures).ShouldBe(1);
        (await testGateway.GetAsync(Status, _testConsumers.Basic("anna"))).Status.ShouldBe(200);
        time.Advance(TimeSpan.FromSeconds(1));
        (await testGateway.GetAsync(Status, wrong)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task With_tokens_every_page_except_health_requires_credentials()
    {
        await using var testGateway = await OpenAsync();

        foreach (var path in testGateway.Gateway.Routes.Where(
            r => r == "/" || (r.StartsWith("/v1/", StringComparison.Ordinal) && r != "/v1/signin")))
        {
            (await testGateway.GetAsync(path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))).Status
                .ShouldBe(401, path);
        }
        (await testGateway.GetAsync("/healthz")).Status.ShouldBe(200);
        (await testGateway.GetAsync("/readyz")).Status.ShouldBeOneOf(200, 503);
    }

    [Fact]
    public async Task A_removed_consumer_loses_access_immediately()
    {
        await using var testGateway = await OpenAsync();
        var anna = _testConsumers["anna"];
        var approvalKey = await _testConsumers.ApprovalKeyAsync(testGateway, "anna");

        await _testConsumers.RemoveAsync("anna");
        testGateway.Gateway.ReloadConsumers();

        (await testGateway.GetAsync(Status, WebClient.Basic(anna))).Status.ShouldBe(401);
        (await testGateway.GetAsync(Status, $"Authorization: Bearer {approvalKey}")).Status.ShouldBe(401);
        (await testGateway.GetAsync(Status, _testConsumers.Basic("boris"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Only_a_client_with_too_many_requests_is_throttled()
    {
        const int Burst = 7;
        var time = new ManualTimeProvider();
        await using var testGateway = await OpenAsync(options => options with
        {
            TimeProvider = time,
            Limits = ConsumerLimits.Default with { RequestBurst = Burst, RequestsPerSecond = 1 },
        });
        var (anna, boris) = (_testConsumers.Basic("anna"), _testConsumers.Basic("boris"));
        await using var control = await _testConsumers.ConnectAsync(testGateway, "boris");
        (await control.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < Burst; i++)
            (await testGateway.GetAsync(Status, anna)).Status.ShouldBe(200);
        for (var i = 0; i < 3; i++)
        {
            var reply = await testGateway.GetAsync(Status, anna);
            reply.ShouldBeProblem(429, "tooManyRequests");
            reply.Headers["Retry-After"].ShouldBe("1");
            await control.ReceiveFrameAsync();
        }

        (await testGateway.GetAsync(Status, boris)).Status.ShouldBe(200);
        time.Advance(TimeSpan.FromSeconds(1));
        var again = await testGateway.GetAsync(Status, anna);

        again.Status.ShouldBe(200);
        again.Json.ShouldHave("""{"consumers":[{"refusedByLimit":{"requests":3}}]}""");
    }

    [Fact]
    public async Task A_long_body_is_refused_without_reading_it()
    {
        await using var testGateway = await OpenAsync();

        (await testGateway.GetAsync(Status, _testConsumers.Basic("anna"), "Content-Length: 16385")).ShouldBeProblem(413, "bodyTooLong");
        (await testGateway.SendAsync("POST", Status, "Content-Length: 2000000000")).Status.ShouldBe(405);
        (await testGateway.GetAsync(Status, _testConsumers.Basic("anna"))).Status.ShouldBe(200);
    }

    private async Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await _testConsumers.AddAsync("anna", "boris");
        return await TestGateway.OpenAsync(with: with, consumers: _testConsumers);
    }
}
