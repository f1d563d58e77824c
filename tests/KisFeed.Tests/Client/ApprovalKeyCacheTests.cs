using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class ApprovalKeyCacheTests
{
    // The simulator issues one key per hour, so that a second request is refused.
    private static readonly SimulatorOptions s_oneKey = new() { ApprovalInterval = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Clients_with_the_same_options_share_a_valid_key()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server);
        await (await KisFeedClient.ConnectAsync(options)).DisposeAsync();
        await using var client = await KisFeedClient.ConnectAsync(options with { QueueCapacity = 5 });
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        (await TakeAsync(index.ReadAllAsync(), 1)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Clients_that_connect_concurrently_request_one_key()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server) with { Reconnect = ReconnectPolicy.Never with { AttemptsPerMinute = 8 } };
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => KisFeedClient.ConnectAsync(options)));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Separate_options_and_other_app_keys_request_their_own_keys()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server);
        await (await KisFeedClient.ConnectAsync(options)).DisposeAsync();
        (await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(OptionsFor(server)))).ErrorCode.ShouldBe("EGW00201");
        (await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options with { AppSecret = AppSecret + "x" }))).ErrorCode
            .ShouldBe("EGW00201");
        await (await KisFeedClient.ConnectAsync(options with { AppKey = "PSsomebodyelse0000000000000000000000" })).DisposeAsync();
    }

    [Fact]
    public async Task A_key_close_to_expiry_is_replaced()
    {
        var clock = new ShiftedTimeProvider();
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server) with { TimeProvider = clock };
        await (await KisFeedClient.ConnectAsync(options)).DisposeAsync();
        clock.Shift = TimeSpan.FromHours(22.9);
        await (await KisFeedClient.ConnectAsync(options)).DisposeAsync();
        clock.Shift = TimeSpan.FromHours(23.1);
        (await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options))).ErrorCode
            .ShouldBe("EGW00201", "it requested a new key");
    }

    [Fact]
    public async Task A_key_unknown_to_the_service_is_discarded()
    {
        var keys = new ApprovalKeyCache();
        await using var other = await ScriptedServer.StartAsync(ScriptedServer.ReceiveAsync);
        await using var server = await StartAsync();

        // A key of another service, such as an old key after the service was restarted.
        var options = OptionsFor(server) with { ApprovalKeys = keys, RestUrl = new UriBuilder(other.Url) { Scheme = "http" }.Uri };
        await using (var client = await KisFeedClient.ConnectAsync(options))
        {
            (await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001"))).Code
                .ShouldBe(BrokerCode.UnknownApprovalKey);
        }
        keys.ToString().ShouldBe("ApprovalKeyCache { Count = 0 }");
    }

    [Fact]
    public async Task Invalidating_an_older_key_keeps_the_current_one()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server);
        var key = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        options.ApprovalKeys.Invalidate(options, Credentials, "the key before");
        (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value.ShouldBe(key);
        options.ApprovalKeys.Invalidate(options, Credentials, key);
        options.ApprovalKeys.ToString().ShouldBe("ApprovalKeyCache { Count = 0 }");
    }

    [Fact]
    public async Task Each_app_key_has_its_own_key()
    {
        await using var server = await StartAsync(options: s_oneKey);
        var options = OptionsFor(server);
        var other = Credentials with { AppKey = "PSsomebodyelse0000000000000000000000" };
        var key = (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value;
        var otherKey = (await options.ApprovalKeys.GetAsync(options, other, renew: false, CancellationToken.None)).Value;
        otherKey.ShouldNotBe(key, StringComparer.Ordinal);
        options.ApprovalKeys.Invalidate(options, other, key);
        options.ApprovalKeys.Invalidate(options, Credentials, otherKey);
        (await options.ApprovalKeys.GetAsync(options, Credentials, renew: false, CancellationToken.None)).Value.ShouldBe(key);
        (await options.ApprovalKeys.GetAsync(options, other, renew: false, CancellationToken.None)).Value.ShouldBe(otherKey);
    }

    [Fact]
    public async Task Key_requests_are_at_least_a_second_apart()
    {
        await using var server = await StartAsync();
        var clock = new ManualTimeProvider();
        var options = OptionsFor(server) with { TimeProvider = clock };
        await GetAsync(Credentials, renew: false);
        await GetAsync(Credentials, renew: false);
        await AfterASecondAsync(GetAsync(Credentials, renew: true));
        await AfterASecondAsync(GetAsync(Credentials with { AppKey = "PSsomebodyelse0000000000000000000000" }, renew: false));

        Task GetAsync(AppCredentials credentials, bool renew) =>
            options.ApprovalKeys.GetAsync(options, credentials, renew, CancellationToken.None).AsTask();

        async Task AfterASecondAsync(Task request)
        {
            await clock.TimerDueInAsync(TimeSpan.FromSeconds(1));
            request.IsCompleted.ShouldBeFalse();
            clock.Advance(TimeSpan.FromSeconds(1));
            await request.WaitAsync(Patience.Limit);
        }
    }
}
