using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>The rights of consumers, and changes of the token file.</summary>
public sealed class RightsTests : IDisposable
{
    private const string Notices = "H0IFCNI0";
    private const string Bond = "H0BJCNT0";

    private readonly TestConsumers _testConsumers = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task A_consumer_without_the_right_cannot_register_notices_and_receives_none()
    {
        await _testConsumers.AddAsync("parent", notices: true);
        await _testConsumers.AddAsync("child");
        await using var testGateway = await OpenAsync();
        await using var child = await _testConsumers.ConnectAsync(testGateway, "child");
        await using var parent = await _testConsumers.ConnectAsync(testGateway, "parent");

        (await child.RegisterAsync(Notices, "Anna")).Code.ShouldBe(BrokerCode.WrongHtsId);
        (await child.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await parent.RegisterAsync(Notices, "Anna")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < 20; i++)
        {
            await parent.ReceiveFrameAsync();
            (await child.ReceiveFrameAsync()).ShouldStartWith($"0|{TestGateway.Index}|");
        }

        testGateway.Refused(AccessRefusalReason.Rights).ShouldBe(1);
    }

    [Fact]
    public async Task A_consumer_can_register_only_its_feeds()
    {
        await _testConsumers.AddAsync("bonds", feeds: [Bond]);
        await using var testGateway = await OpenAsync();
        await using var bonds = await _testConsumers.ConnectAsync(testGateway, "bonds");

        (await bonds.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.InvalidTrId);
        (await bonds.RegisterAsync(Bond, "KR103502GC97")).IsSuccess.ShouldBeTrue();

        (await bonds.ReceiveFrameAsync()).ShouldStartWith($"0|{Bond}|");
        testGateway.Simulator.Statistics.Registrations.ShouldBe(1);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task All_invalid_credentials_get_the_same_answer(bool isKeyGood, bool isSecretGood)
    {
        await _testConsumers.AddAsync("anna");
        var unauthenticated = ConsumerCredentials.Create();
        await using var testGateway = await OpenAsync();
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        var key = (isKeyGood ? _testConsumers["anna"] : unauthenticated).AppKey;
        var secret = (isSecretGood ? _testConsumers["anna"] : unauthenticated).AppSecret;
        var body = $$"""{"grant_type":"client_credentials","appkey":"{{key}}","appsecret":"{{secret}}"}""";

        var (keyStatus, keyAnswer) = await rest.PostAsync(
            "/oauth2/Approval", body.Replace("appsecret", "secretkey", StringComparison.Ordinal));
        var (tokenStatus, tokenAnswer) = await rest.PostAsync("/oauth2/tokenP", body);

        (keyStatus, tokenStatus).ShouldBe((403, 403));
        keyAnswer.GetProperty("error_code").GetString().ShouldBe("EGW00103");
        tokenAnswer.GetRawText().ShouldBe(keyAnswer.GetRawText());
        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(2);
        testGateway.Status.Totals.ApprovalKeysIssued.ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_approval_key_or_one_of_a_removed_consumer_opens_no_session()
    {
        await _testConsumers.AddAsync("anna", "boris");
        await using var testGateway = await OpenAsync();
        await using var early = await FeedClient.ConnectAsync(testGateway.Url, await _testConsumers.ApprovalKeyAsync(testGateway, "anna"));
        await using var unauthenticated = await FeedClient.ConnectAsync(testGateway.Url, Guid.NewGuid().ToString());
        await _testConsumers.RemoveAsync("anna");
        testGateway.Gateway.ReloadConsumers();

        (await early.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);
        (await unauthenticated.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);

        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(2);
        testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("replaced")]
    public async Task A_removed_consumer_is_closed_with_a_reason_and_others_are_not(string how)
    {
        await _testConsumers.AddAsync("anna", "boris");
        await using var testGateway = await OpenAsync();
        await using var anna = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
        await using var idle = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
        await idle.ReleaseAsync(TestGateway.Index, "0001");
        await using var boris = await RegisteredAsync(testGateway, "boris", TestGateway.Index, "0001");

        await _testConsumers.RemoveAsync("anna");
        if (how == "replaced")
        {
            using var others = new TestConsumers();
            await others.AddAsync("anna");
            await new ConsumerFile(_testConsumers.TokenFile)
                .AddAsync(Consumers.TokenFolder.NewConsumer("anna", others["anna"]), replaces: true, CancellationToken.None);
        }

        testGateway.Gateway.ReloadConsumers();

        foreach (var gone in (FeedClient[])[anna, idle])
        {
            (await gone.ReceiveCloseAsync()).ShouldBe(
                (WebSocketCloseStatus.PolicyViolation, "this consumer was removed or its credentials were replaced"));
        }

        for (var i = 0; i < 20; i++)
            await boris.ReceiveFrameAsync();
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        (await rest.ApproveAsync(_testConsumers["anna"].AppKey, _testConsumers["anna"].AppSecret)).Status.ShouldBe(403);
        testGateway.Status.Totals.ConsumersEnded.ShouldBe(2);
    }

    [Fact]
    public async Task A_restricted_consumer_loses_the_connections_that_exceed_its_rights()
    {
        await _testConsumers.AddAsync("anna", notices: true);
        await using var testGateway = await OpenAsync();
        await using var trading = await RegisteredAsync(testGateway, "anna", Notices, "Anna");
        await using var charts = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");

        await _testConsumers.AddAsync("anna");
        testGateway.Gateway.ReloadConsumers();

        (await trading.ReceiveCloseAsync()).Reason.ShouldBe("this consumer no longer has the right to all of its registrations");
        (await charts.RegisterAsync(Notices, "Anna")).Code.ShouldBe(BrokerCode.WrongHtsId);
        for (var i = 0; i < 20; i++)
            (await charts.ReceiveFrameAsync()).ShouldStartWith($"0|{TestGateway.Index}|");
        testGateway.Status.Totals.ConsumersEnded.ShouldBe(1);
    }

    [Fact]
    public async Task The_first_token_closes_a_gateway_that_was_open_to_everybody()
    {
        await using var testGateway = await OpenAsync(options => options with { OpenUntilTokenFileExists = true });
        testGateway.Count("Anyone who can reach").ShouldBe(1);
        await using var unauthenticatedUser = await testGateway.ConnectAsync();
        (await unauthenticatedUser.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        await using var late = await testGateway.ConnectAsync();

        await _testConsumers.AddAsync("anna");
        testGateway.Gateway.ReloadConsumers();

        (await unauthenticatedUser.ReceiveCloseAsync()).Reason.ShouldBe("the gateway now requires a token");
        (await late.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        await using var anna = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
        await anna.ReceiveFrameAsync();
    }

    [Fact]
    public async Task With_a_token_file_credentials_are_always_required()
    {
        await using var testGateway = await OpenAsync();
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        testGateway.Count("Nobody may connect").ShouldBe(1);
        testGateway.Gateway.IsOpen.ShouldBeFalse();

        await _testConsumers.AddAsync("anna");
        testGateway.Gateway.ReloadConsumers();
        await using var anna = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
        await anna.ReceiveFrameAsync();
    }

    [Fact]
    public async Task The_right_to_order_notices_can_be_limited_to_HTS_IDs()
    {
        await _testConsumers.AddAsync("anna", notices: true, htsIds: ["Anna", "Both"]);
        await using var testGateway = await OpenAsync();
        await using var anna = await RegisteredAsync(testGateway, "anna", "H0IFCNI0", "Anna");
        (await anna.RegisterAsync("H0IFCNI0", "boris")).Code.ShouldBe(BrokerCode.WrongHtsId);
        (await anna.RegisterAsync("H0IFCNI0", "anna")).Code.ShouldBe(BrokerCode.WrongHtsId, "HTS IDs are case-sensitive");
        var stream = await testGateway.GetAsync("/v1/stream?subscribe=notice:boris", _testConsumers.Basic("anna"));
        stream.Status.ShouldBe(403);

        await _testConsumers.AddAsync("anna", notices: true, htsIds: ["Both"]);
        testGateway.Gateway.ReloadConsumers();

        (await anna.ReceiveCloseAsync()).Reason.ShouldBe("this consumer no longer has the right to all of its registrations");
    }

    [Fact]
    public async Task One_consumer_cannot_use_all_slots_while_others_are_connected()
    {
        await _testConsumers.AddAsync("greedy", "victim");
        await _testConsumers.AddAsync("small", quota: new ConsumerQuota(Slots: 2, Connections: 1, RequestsPerSecond: 500));
        await using var testGateway = await OpenAsync(options => options with { Limits = TestGateway.Unhurried with { MaxSlots = null } });
        await using var victim = await RegisteredAsync(testGateway, "victim", TestGateway.Index, "0001");
        var keys = string.Join(',', Enumerable.Range(0, 45).Select(i => $"program:{100_000 + i}"));
        await using var largeConsumer = await SseClient.OpenAsync(
            testGateway.Gateway, $"subscribe={keys}", _testConsumers.Basic("greedy"));
        var refused = 0;
        for (var i = 0; i < 45; i++)
        {
            var item = await largeConsumer.UntilAsync(e => e.Kind is "subscribed" or "refused");
            refused += item.Kind == "refused" ? 1 : 0;
        }

        refused.ShouldBe(45 - 21, "21 are half of the 41 slots");
        (await victim.RegisterAsync(TestGateway.Index, "1001")).IsSuccess.ShouldBeTrue();
        await using var small = await _testConsumers.ConnectAsync(testGateway, "small");
        var codes = new List<BrokerCode>();
        foreach (var key in (string[])["000020", "000030", "000040"])
            codes.Add((await small.RegisterAsync("H0UNPGM0", key)).Code);
        codes.ShouldBe([BrokerCode.SubscribeSuccess, BrokerCode.SubscribeSuccess, BrokerCode.TooManySubscriptions]);

        (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("small"))).Json.ShouldHave(
            """{"consumers":[{"slots":2,"limits":{"slots":2,"connections":1},"refusedByLimit":{"slots":1}}]}""");
        await _testConsumers.AddAsync("small", quota: new ConsumerQuota(Slots: 3, Connections: 1, RequestsPerSecond: null));
        testGateway.Gateway.ReloadConsumers();
        (await small.RegisterAsync("H0UNPGM0", "000040")).IsSuccess.ShouldBeTrue("new limits apply while it is connected");
    }

    [Fact]
    public async Task A_consumer_that_rotates_invalid_keys_is_refused_and_hardly_reaches_upstream()
    {
        const int Budget = 10;
        await _testConsumers.AddAsync("hasty", "victim");
        await using var testGateway = await OpenAsync(options => options with
        {
            Limits = ConsumerLimits.Default with { NewRegistrationsPerMinute = Budget },
            MinimumHold = TimeSpan.FromHours(1),
            ReleaseGrace = TimeSpan.Zero,
        });
        await using var frequentConsumer = await _testConsumers.ConnectAsync(testGateway, "hasty");
        var codes = new List<BrokerCode>();
        for (var i = 0; i < 3 * Budget; i++)
        {
            var key = $"{200_000 + i}";
            codes.Add((await frequentConsumer.RegisterAsync("H0UNPGM0", key)).Code);
            if (codes[^1] == BrokerCode.SubscribeSuccess)
                await frequentConsumer.ReleaseAsync("H0UNPGM0", key);
        }

        codes.Count(code => code == BrokerCode.SubscribeSuccess).ShouldBe(Budget);
        codes.Skip(Budget).ShouldAllBe(code => code == BrokerCode.SendFailed);
        testGateway.Simulator.Statistics.Registrations.ShouldBe(Budget, "no key was released before its minimum hold");
        testGateway.Count("Consumer hasty has ").ShouldBe(1);
        await using var victim = await RegisteredAsync(testGateway, "victim", TestGateway.Index, "0001");
        await victim.ReceiveFrameAsync();
    }

    [Fact]
    public async Task The_registrations_of_a_consumer_are_released_when_it_disconnects()
    {
        await _testConsumers.AddAsync("anna");
        await using var testGateway = await OpenAsync(
            options => options with { Limits = ConsumerLimits.Default with { MaxConnections = 2, MaxRegistrations = 3 } });
        for (var round = 0; round < 3; round++)
        {
            await using var one = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
            await using var other = await RegisteredAsync(testGateway, "anna", TestGateway.Index, "0001");
            (await other.RegisterAsync(TestGateway.Index, "1001")).IsSuccess.ShouldBeTrue();
            (await other.RegisterAsync(TestGateway.Index, "2001")).Code.ShouldBe(BrokerCode.TooManySubscriptions);
            (await one.ReleaseAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
            (await other.RegisterAsync(TestGateway.Index, "2001")).IsSuccess.ShouldBeTrue();
            await using var third = await _testConsumers.ConnectAsync(testGateway, "anna");
            (await third.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.AppKeyInUse);
            (await third.ReceiveAsync()).ShouldBeNull();
            third.Socket.CloseStatus.ShouldBe(System.Net.WebSockets.WebSocketCloseStatus.PolicyViolation, "clients treat 1000 as success");
            await one.CloseAsync();
            other.Socket.Abort();
            await testGateway.WaitForDisconnectAsync();
        }
    }

    private Task<TestGateway> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) =>
        TestGateway.OpenAsync(with: with, consumers: _testConsumers);

    private async Task<FeedClient> RegisteredAsync(TestGateway testGateway, string name, string trId, string key)
    {
        var client = await _testConsumers.ConnectAsync(testGateway, name);
        (await client.RegisterAsync(trId, key)).IsSuccess.ShouldBeTrue();
        return client;
    }

}
