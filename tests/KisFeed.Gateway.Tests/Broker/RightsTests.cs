using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Web.Streaming;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Who has tokens may what they say, from the moment at which they say so.</summary>
public sealed class RightsTests : IDisposable
{
    private const string Notices = "H0IFCNI0";
    private const string Bond = "H0BJCNT0";

    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task A_consumer_without_the_right_registers_no_notices_and_gets_none()
    {
        await _household.AddAsync("parent", notices: true);
        await _household.AddAsync("child");
        await using var stage = await OpenAsync();
        await using var child = await _household.ConnectAsync(stage, "child");
        await using var parent = await _household.ConnectAsync(stage, "parent");

        (await child.RegisterAsync(Notices, "Anna")).Code.ShouldBe(BrokerCode.WrongHtsId);
        (await child.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await parent.RegisterAsync(Notices, "Anna")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < 20; i++)
        {
            await parent.ReceiveFrameAsync();
            (await child.ReceiveFrameAsync()).ShouldStartWith($"0|{Stage.Index}|");
        }

        stage.Gateway.Refusals.Of(RefusalReason.Rights).ShouldBe(1);
    }

    [Fact]
    public async Task A_consumer_registers_its_feeds_and_no_others()
    {
        await _household.AddAsync("bonds", feeds: [Bond]);
        await using var stage = await OpenAsync();
        await using var bonds = await _household.ConnectAsync(stage, "bonds");

        (await bonds.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.InvalidTrId);
        (await bonds.RegisterAsync(Bond, "KR103502GC97")).IsSuccess.ShouldBeTrue();

        (await bonds.ReceiveFrameAsync()).ShouldStartWith($"0|{Bond}|");
        stage.Simulator.Statistics.Registrations.ShouldBe(1);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Credentials_that_no_consumer_has_get_one_answer_whatever_is_wrong_with_them(bool isKeyGood, bool isSecretGood)
    {
        await _household.AddAsync("anna");
        var stranger = ConsumerCredentials.Create();
        await using var stage = await OpenAsync();
        using var rest = new RestClient(stage.Gateway.RestUrl);
        var body = $$"""
            {"grant_type":"client_credentials","appkey":"{{(isKeyGood ? _household["anna"].AppKey : stranger.AppKey)}}","appsecret":"{{(isSecretGood ? _household["anna"].AppSecret : stranger.AppSecret)}}"}
            """;

        var (keyStatus, keyAnswer) = await rest.PostAsync("/oauth2/Approval", body.Replace("appsecret", "secretkey", StringComparison.Ordinal));
        var (tokenStatus, tokenAnswer) = await rest.PostAsync("/oauth2/tokenP", body);

        (keyStatus, tokenStatus).ShouldBe((403, 403));
        keyAnswer.GetProperty("error_code").GetString().ShouldBe("EGW00103");
        tokenAnswer.GetRawText().ShouldBe(keyAnswer.GetRawText());
        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(2);
        stage.Gateway.Status.ApprovalKeysIssued.ShouldBe(0);
    }

    [Fact]
    public async Task An_approval_key_that_is_not_known_or_whose_consumer_has_gone_begins_no_session()
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        await using var stage = await OpenAsync();
        await using var early = await FeedClient.ConnectAsync(stage.Url, await _household.ApprovalKeyAsync(stage, "anna"));
        await using var stranger = await FeedClient.ConnectAsync(stage.Url, Guid.NewGuid().ToString());
        await _household.RemoveAsync("anna");
        stage.Gateway.ReloadConsumers();

        (await early.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);
        (await stranger.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);

        stage.Gateway.Refusals.Of(RefusalReason.Credentials).ShouldBe(2);
        stage.Simulator.Statistics.Registrations.ShouldBe(0);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("replaced")]
    public async Task A_consumer_that_goes_is_closed_and_told_why_and_nobody_else_is(string how)
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        await using var stage = await OpenAsync();
        await using var anna = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
        await using var idle = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
        await idle.ReleaseAsync(Stage.Index, "0001");
        await using var boris = await RegisteredAsync(stage, "boris", Stage.Index, "0001");

        await _household.RemoveAsync("anna");
        if (how == "replaced")
        {
            using var others = new Household();
            await others.AddAsync("anna");
            await new ConsumerFile(_household.TokenFile).AddAsync(Consumers.TokenFolder.NewConsumer("anna", others["anna"]), replaces: true, CancellationToken.None);
        }

        stage.Gateway.ReloadConsumers();

        foreach (var gone in (FeedClient[])[anna, idle])
        {
            await ReadToEndAsync(gone);
            gone.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
            gone.Socket.CloseStatusDescription.ShouldBe("this consumer was removed or given other credentials");
        }

        for (var i = 0; i < 20; i++)
            await boris.ReceiveFrameAsync();
        using var rest = new RestClient(stage.Gateway.RestUrl);
        (await rest.ApproveAsync(_household["anna"].AppKey, _household["anna"].AppSecret)).Status.ShouldBe(403);
        stage.Gateway.Status.ConsumersEnded.ShouldBe(2);
    }

    [Fact]
    public async Task A_consumer_that_may_less_loses_the_connections_that_have_more()
    {
        await _household.AddAsync("anna", notices: true);
        await using var stage = await OpenAsync();
        await using var trading = await RegisteredAsync(stage, "anna", Notices, "Anna");
        await using var charts = await RegisteredAsync(stage, "anna", Stage.Index, "0001");

        await _household.AddAsync("anna");
        stage.Gateway.ReloadConsumers();

        await ReadToEndAsync(trading);
        trading.Socket.CloseStatusDescription.ShouldBe("this consumer no longer has the right to all of its registrations");
        (await charts.RegisterAsync(Notices, "Anna")).Code.ShouldBe(BrokerCode.WrongHtsId);
        for (var i = 0; i < 20; i++)
            (await charts.ReceiveFrameAsync()).ShouldStartWith($"0|{Stage.Index}|");
        stage.Gateway.Status.ConsumersEnded.ShouldBe(1);
    }

    [Fact]
    public async Task The_first_consumer_closes_what_was_open_to_everybody()
    {
        await using var stage = await OpenAsync(options => options with { OpenUntilTokenFileExists = true });
        stage.Count("Everybody who can reach").ShouldBe(1);
        await using var anybody = await stage.ConnectAsync();
        (await anybody.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        await using var late = await stage.ConnectAsync();

        await _household.AddAsync("anna");
        stage.Gateway.ReloadConsumers();

        await ReadToEndAsync(anybody);
        anybody.Socket.CloseStatusDescription.ShouldBe("the gateway now requires a token");
        (await late.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);
        using var rest = new RestClient(stage.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        await using var anna = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
        await anna.ReceiveFrameAsync();
    }

    [Fact]
    public async Task Where_a_token_file_is_named_nobody_comes_in_without_it()
    {
        await using var stage = await OpenAsync();
        using var rest = new RestClient(stage.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        stage.Count("Nobody may connect").ShouldBe(1);
        stage.Gateway.IsOpen.ShouldBeFalse();

        await _household.AddAsync("anna");
        stage.Gateway.ReloadConsumers();
        await using var anna = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
        await anna.ReceiveFrameAsync();
    }

    [Fact]
    public async Task A_right_to_order_notices_can_be_for_some_HTS_IDs_alone()
    {
        await _household.AddAsync("anna", notices: true, htsIds: ["Anna", "Both"]);
        await using var stage = await OpenAsync();
        await using var anna = await RegisteredAsync(stage, "anna", "H0IFCNI0", "Anna");
        (await anna.RegisterAsync("H0IFCNI0", "boris")).Code.ShouldBe(BrokerCode.WrongHtsId);
        (await anna.RegisterAsync("H0IFCNI0", "anna")).Code.ShouldBe(BrokerCode.WrongHtsId, "HTS IDs are case-sensitive");
        var stream = await stage.GetAsync("/v1/stream?subscribe=notice:boris", WebClient.Basic(_household["anna"]));
        stream.Status.ShouldBe(403);

        await _household.AddAsync("anna", notices: true, htsIds: ["Both"]);
        stage.Gateway.ReloadConsumers();

        await ReadToEndAsync(anna);
        anna.Socket.CloseStatusDescription.ShouldBe("this consumer no longer has the right to all of its registrations");
    }

    [Fact]
    public async Task One_consumer_does_not_take_every_place_while_others_are_there()
    {
        await _household.AddAsync("greedy");
        await _household.AddAsync("victim");
        await _household.AddAsync("small", quota: new ConsumerQuota(Places: 2, Connections: 1, RequestsPerSecond: 500));
        await using var stage = await OpenAsync(options => options with { Limits = Stage.Unhurried with { MaxPlaces = null } });
        await using var victim = await RegisteredAsync(stage, "victim", Stage.Index, "0001");
        var keys = string.Join(',', Enumerable.Range(0, 45).Select(i => $"program:{100_000 + i}"));
        await using var greedy = await SseClient.OpenAsync(stage.Gateway, $"subscribe={keys}", ("Authorization", WebClient.Basic(_household["greedy"])["Authorization: ".Length..]));
        var refused = 0;
        for (var i = 0; i < 45; i++)
        {
            var item = await greedy.UntilAsync(e => e.Kind is "subscribed" or "refused");
            refused += item.Kind == "refused" ? 1 : 0;
        }

        refused.ShouldBe(45 - 21, "21 are half of the 41 places");
        (await victim.RegisterAsync(Stage.Index, "1001")).IsSuccess.ShouldBeTrue();
        await using var small = await _household.ConnectAsync(stage, "small");
        var codes = new List<BrokerCode>();
        foreach (var key in (string[])["000020", "000030", "000040"])
            codes.Add((await small.RegisterAsync("H0UNPGM0", key)).Code);
        codes.ShouldBe([BrokerCode.SubscribeSuccess, BrokerCode.SubscribeSuccess, BrokerCode.TooManySubscriptions]);

        var status = (await stage.GetAsync("/v1/status", WebClient.Basic(_household["small"]))).Json.GetProperty("consumers")[0];
        status.GetProperty("places").GetInt32().ShouldBe(2);
        status.GetProperty("limits").GetProperty("places").GetInt32().ShouldBe(2);
        status.GetProperty("limits").GetProperty("connections").GetInt32().ShouldBe(1);
        status.GetProperty("refusedByLimit").GetProperty("places").GetInt64().ShouldBe(1);
        await _household.AddAsync("small", quota: new ConsumerQuota(Places: 3, Connections: 1, RequestsPerSecond: null));
        stage.Gateway.ReloadConsumers();
        (await small.RegisterAsync("H0UNPGM0", "000040")).IsSuccess.ShouldBeTrue("limits are taken up while it is connected");
    }

    [Fact]
    public async Task A_consumer_that_rotates_made_up_keys_is_refused_and_hardly_anything_of_it_reaches_upstream()
    {
        const int Budget = 10;
        await _household.AddAsync("hasty");
        await _household.AddAsync("victim");
        await using var stage = await OpenAsync(options => options with { Limits = ConsumerLimits.Default with { NewRegistrationsPerMinute = Budget }, MinimumHold = TimeSpan.FromHours(1), ReleaseGrace = TimeSpan.Zero });
        await using var hasty = await _household.ConnectAsync(stage, "hasty");
        var codes = new List<BrokerCode>();
        for (var i = 0; i < 3 * Budget; i++)
        {
            var key = $"{200_000 + i}";
            codes.Add((await hasty.RegisterAsync("H0UNPGM0", key)).Code);
            if (codes[^1] == BrokerCode.SubscribeSuccess)
                await hasty.ReleaseAsync("H0UNPGM0", key);
        }

        codes.Count(code => code == BrokerCode.SubscribeSuccess).ShouldBe(Budget);
        codes.Skip(Budget).ShouldAllBe(code => code == BrokerCode.SendFailed);
        stage.Simulator.Statistics.Registrations.ShouldBe(Budget, "none was released so soon");
        stage.Count("Consumer hasty has ").ShouldBe(1);
        await using var victim = await RegisteredAsync(stage, "victim", Stage.Index, "0001");
        await victim.ReceiveFrameAsync();
    }

    [Fact]
    public async Task What_a_consumer_has_is_given_back_when_it_leaves()
    {
        await _household.AddAsync("anna");
        await using var stage = await OpenAsync(options => options with { Limits = ConsumerLimits.Default with { MaxConnections = 2, MaxRegistrations = 3 } });
        for (var round = 0; round < 3; round++)
        {
            await using var one = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
            await using var other = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
            (await other.RegisterAsync(Stage.Index, "1001")).IsSuccess.ShouldBeTrue();
            (await other.RegisterAsync(Stage.Index, "2001")).Code.ShouldBe(BrokerCode.TooManySubscriptions);
            (await one.ReleaseAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
            (await other.RegisterAsync(Stage.Index, "2001")).IsSuccess.ShouldBeTrue();
            await using var third = await _household.ConnectAsync(stage, "anna");
            (await third.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.AppKeyInUse);
            (await third.ReceiveAsync()).ShouldBeNull();
            third.Socket.CloseStatus.ShouldBe(System.Net.WebSockets.WebSocketCloseStatus.PolicyViolation, "clients take 1000 for a success");
            await one.CloseAsync();
            other.Socket.Abort();
            await stage.EmptyAsync();
        }
    }

    private Task<Stage> OpenAsync(Func<GatewayOptions, GatewayOptions>? with = null) =>
        Stage.OpenAsync(new SimulatorOptions { Rate = 200 }, options => with?.Invoke(options with { TokenFile = _household.TokenFile }) ?? options with { TokenFile = _household.TokenFile });

    private async Task<FeedClient> RegisteredAsync(Stage stage, string name, string trId, string key)
    {
        var client = await _household.ConnectAsync(stage, name);
        (await client.RegisterAsync(trId, key)).IsSuccess.ShouldBeTrue();
        return client;
    }

    private static async Task ReadToEndAsync(FeedClient client)
    {
        while (await client.ReceiveAsync() is not null)
        {
            // What was on its way.
        }
    }
}
