using System.Net.WebSockets;
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
        trading.Socket.CloseStatusDescription.ShouldBe("this consumer may no longer have all that it is registered for");
        (await charts.RegisterAsync(Notices, "Anna")).Code.ShouldBe(BrokerCode.WrongHtsId);
        for (var i = 0; i < 20; i++)
            (await charts.ReceiveFrameAsync()).ShouldStartWith($"0|{Stage.Index}|");
        stage.Gateway.Status.ConsumersEnded.ShouldBe(1);
    }

    [Fact]
    public async Task The_first_consumer_closes_what_was_open_to_everybody()
    {
        await using var stage = await OpenAsync();
        stage.Count("Everybody who can reach").ShouldBe(1);
        await using var anybody = await stage.ConnectAsync();
        (await anybody.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        await using var late = await stage.ConnectAsync();

        await _household.AddAsync("anna");
        stage.Gateway.ReloadConsumers();

        await ReadToEndAsync(anybody);
        anybody.Socket.CloseStatusDescription.ShouldBe("from now on the gateway serves consumers with tokens alone");
        (await late.RegisterAsync(Stage.Index, "0001")).Code.ShouldBe(BrokerCode.UnknownApprovalKey);
        using var rest = new RestClient(stage.Gateway.RestUrl);
        (await rest.ApproveAsync(TestCredentials.NewAppKey())).Status.ShouldBe(403);
        await using var anna = await RegisteredAsync(stage, "anna", Stage.Index, "0001");
        await anna.ReceiveFrameAsync();
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
