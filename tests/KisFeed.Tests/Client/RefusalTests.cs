using System.Net;
using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("", "secret", "AppKey")]
    [InlineData("key", " ", "AppSecret")]
    public async Task Missing_credentials_are_reported_by_option_name(string appKey, string appSecret, string option)
    {
        var error = await Should.ThrowAsync<KisFeedConfigurationException>(
            KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = appKey, AppSecret = appSecret }));
        error.Message.ShouldContain(option);
        error.Message.ShouldNotContain("secret:");
    }

    public static TheoryData<string, KisFeedOptions> InvalidOptions => new()
    {
        { nameof(KisFeedOptions.WebSocketUrl), new() { WebSocketUrl = new Uri("http://localhost") } },
        { nameof(KisFeedOptions.RestUrl), new() { RestUrl = new Uri("/relative", UriKind.Relative) } },
        { nameof(KisFeedOptions.MaxRegistrations), new() { MaxRegistrations = 0 } },
        { nameof(KisFeedOptions.QueueCapacity), new() { QueueCapacity = 0 } },
        { nameof(KisFeedOptions.MaxQueueBytes), new() { MaxQueueBytes = 0 } },
        { nameof(KisFeedOptions.MaxMessageBytes), new() { MaxMessageBytes = 1_023 } },
        { nameof(KisFeedOptions.MaxMessageBytes), new() { MaxMessageBytes = int.MaxValue } },
        { nameof(KisFeedOptions.ConnectTimeout), new() { ConnectTimeout = TimeSpan.MaxValue } },
        { nameof(KisFeedOptions.ReplyTimeout), new() { ReplyTimeout = Timeout.InfiniteTimeSpan } },
        { nameof(KisFeedOptions.ReplyTimeout), new() { ReplyTimeout = TimeSpan.MaxValue } },
        { nameof(KisFeedOptions.Environment), new() { Environment = (KisEnvironment)3 } },
        { nameof(KisFeedOptions.WebSocketUrl), new() { Environment = KisEnvironment.Simulator } },
        { nameof(KisFeedOptions.WebSocketUrl),
            new() { Environment = KisEnvironment.Simulator, WebSocketUrl = new Uri("ws://OPS.koreainvestment.com:21000") } },
        { nameof(KisFeedOptions.RequestInterval), new() { RequestInterval = TimeSpan.FromDays(50) } },
    };

    [Theory]
    [MemberData(nameof(InvalidOptions), DisableDiscoveryEnumeration = true)]
    public async Task Invalid_options_are_reported_by_name(string option, KisFeedOptions options)
    {
        var error = await Should.ThrowAsync<KisFeedConfigurationException>(
            KisFeedClient.ConnectAsync(options with { AppKey = AppKey, AppSecret = AppSecret }));
        error.Message.ShouldContain($"KisFeedOptions.{option} ");
    }

    [Fact]
    public async Task Wrong_credentials_report_the_service_code_without_secrets()
    {
        await using var server = await StartAsync(
            options: new SimulatorOptions { AppKey = "PSotherotherotherotherotherother00000", AppSecret = AppSecret });
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(OptionsFor(server)));
        error.ErrorCode.ShouldBe("EGW00103");
        ((int?)error.Status).ShouldNotBeNull().ShouldBeInRange(400, 499);
        error.ToString().ShouldNotContain(AppKey);
        error.ToString().ShouldNotContain(AppSecret);
    }

    [Fact]
    public async Task An_unreachable_address_is_reported()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server);
        await server.StopAsync();
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options));
        error.Message.ShouldContain(options.WebSocketUrl!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_address_without_a_WebSocket_is_reported()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { RestUrl = server.RestUrl, WebSocketUrl = new Uri(server.WebSocketUrl, "/elsewhere") };
        (await Should.ThrowAsync<ConnectionFailedException>(KisFeedClient.ConnectAsync(options))).Message.ShouldContain("/elsewhere");
    }

    [Fact]
    public async Task A_refused_registration_throws_the_broker_code_and_does_not_affect_others()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { HtsId = "HtsId" });
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        (await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(OrderNotice.Feed, "htsid"))).Code
            .ShouldBe(BrokerCode.WrongHtsId);
        var malformed = await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(BondTrade.Feed, "x"));
        malformed.Code.ShouldBe(BrokerCode.InvalidTrKey);
        malformed.BrokerText.ShouldNotBeEmpty();
        (await TakeAsync(index.ReadAllAsync(), 3)).Count.ShouldBe(3);
        client.Registrations.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_42nd_registration_is_refused_locally()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        for (var i = 0; i < 41; i++)
            await client.SubscribeAsync(ProgramTrade.Nxt, $"{i:D6}");
        (await Should.ThrowAsync<RegistrationLimitException>(client.SubscribeAsync(ProgramTrade.Nxt, "999999"))).Message
            .ShouldBe("the session holds 41 registrations, which is its limit: release one, or add another app key");
        server.Statistics.Registrations.ShouldBe(41);
    }

    [Fact]
    public async Task A_server_with_a_lower_limit_refuses_with_its_code()
    {
        await using var server = await StartAsync(options: new SimulatorOptions { MaxRegistrations = 1 });
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var first = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        var error = await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(IndexTrade.Feed, "1001"));
        error.Code.ShouldBe(BrokerCode.TooManySubscriptions);
        error.Message.ShouldContain("release a registration");
    }

    [Fact]
    public async Task A_second_session_of_an_app_key_is_refused_and_the_first_continues()
    {
        await using var server = await StartAsync();
        await using var first = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var ticks = await first.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var second = await KisFeedClient.ConnectAsync(OptionsFor(server));
        var error = await Should.ThrowAsync<ConnectionLostException>(second.SubscribeAsync(IndexTrade.Feed, "0001"));
        error.Code.ShouldBe(BrokerCode.AppKeyInUse);
        error.Message.ShouldContain("another program holds a session");
        await Should.ThrowAsync<ConnectionLostException>(second.Completion);
        (await Should.ThrowAsync<ConnectionLostException>(second.SubscribeAsync(IndexTrade.Feed, "0001"))).Code
            .ShouldBe(BrokerCode.AppKeyInUse);
        (await TakeAsync(ticks.ReadAllAsync(), 3)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_unanswered_subscription_times_out()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            while (await ScriptedServer.ReceiveAsync(socket) is not null)
            {
                // Never answers.
            }
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { ReplyTimeout = TimeSpan.FromMilliseconds(50) });
        await Should.ThrowAsync<SubscribeTimeoutException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
    }

    [Fact]
    public async Task A_cancelled_subscription_is_released()
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayContinue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var released = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.ReceiveAsync(socket);
            requested.SetResult();
            await mayContinue.Task;
            await ScriptedServer.SendAsync(
                socket, """{"header":{"tr_id":"H0UPCNT0","tr_key":"0001"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":""}}""");
            released.SetResult(await ScriptedServer.ReceiveAsync(socket));
            await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        using var cancellation = new CancellationTokenSource();
        var subscribing = client.SubscribeAsync(IndexTrade.Feed, "0001", cancellationToken: cancellation.Token);
        await requested.Task;
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(subscribing);
        mayContinue.SetResult();
        (await released.Task).ShouldNotBeNull().ShouldContain("\"tr_type\":\"2\"");
    }

    [Fact]
    public async Task A_blank_key_is_rejected()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        (await Should.ThrowAsync<ArgumentException>(client.SubscribeAsync(OrderNotice.Feed, " "))).Message.ShouldContain("HTS ID");
    }

    [Theory]
    [InlineData(" 0001")]
    [InlineData("0001\n")]
    [InlineData("00\001")]
    [InlineData("\ud800")]
    public async Task A_key_that_cannot_occur_in_a_frame_is_rejected_locally(string key)
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        (await Should.ThrowAsync<ArgumentException>(client.SubscribeAsync(IndexTrade.Feed, key))).Message.ShouldContain("sector code");
        client.Registrations.ShouldBeEmpty();
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
    }

    [Fact]
    public async Task A_disposed_client_throws()
    {
        await using var server = await StartAsync();
        var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await client.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
    }

    [Theory]
    [InlineData("""{"approval_key":42}""")]
    [InlineData("""{"approval_key":""}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task An_invalid_approval_response_is_rejected(string answer)
    {
        await using var server = await ScriptedServer.StartAsync(ScriptedServer.ReceiveAsync, answer);
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(server.Options));
        error.Status.ShouldBe(HttpStatusCode.OK);
        error.Message.ShouldContain("not in the documented format");
    }
}
