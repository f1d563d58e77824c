using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Limits of one consumer, which do not affect others.</summary>
public sealed class LimitTests : IDisposable
{
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    private readonly TestConsumers _testConsumers = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task A_session_with_too_many_requests_is_throttled_and_then_closed()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var control = await _testConsumers.ControlAsync(testGateway, "boris");
        await using var flood = await _testConsumers.ConnectAsync(testGateway, "anna");
        for (var i = 0; i < 100; i++)
            await flood.SendAsync(FeedClient.Request(flood.ApprovalKey, "2", TestGateway.Index, "0001"));

        for (var held = 0; held < 10; held++)
        {
            await _time.TimerDueInAsync(s_hold);
            testGateway.Status.Totals.Floods.ShouldBe(0);
            await control.WaitForMoreFramesAsync();
            _time.Advance(s_hold);
        }

        var answers = 0;
        while (await flood.ReceiveAsync() is not null)
            answers++;
        answers.ShouldBe(5 + 10);
        flood.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        flood.Socket.CloseStatusDescription.ShouldBe("too many requests: this client exceeds the request limit");
        await Patience.UntilAsync(() => testGateway.Status.Totals.Floods == 1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task An_occasionally_throttled_session_stays_open()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var client = await _testConsumers.ConnectAsync(testGateway, "anna");
        for (var round = 0; round < 15; round++)
        {
            for (var i = 0; i < 5; i++)
                await client.RegisterAsync(TestGateway.Index, "x");
            var last = client.RegisterAsync(TestGateway.Index, "x");
            await _time.TimerDueInAsync(s_hold);
            last.IsCompleted.ShouldBeFalse();
            _time.Advance(s_hold);
            (await last).Code.ShouldBe(BrokerCode.InvalidTrKey);
            _time.Advance(TimeSpan.FromSeconds(11));
        }

        testGateway.Status.Totals.Floods.ShouldBe(0);
    }

    [Fact]
    public async Task A_session_may_register_its_maximum_at_once()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default);
        await using var client = await _testConsumers.ConnectAsync(testGateway, "anna");
        for (var i = 0; i < 41; i++)
            await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0UNPGM0", $"{i:000000}"));
        for (var i = 0; i < 41; i++)
            FeedClient.Parse(await client.ReceiveControlAsync()).IsSuccess.ShouldBeTrue();
        (await client.RegisterAsync(TestGateway.Index, "0001")).Code.ShouldBe(BrokerCode.TooManySubscriptions);
    }

    [Fact]
    public async Task Registrations_of_all_connections_are_limited_and_counted()
    {
        const int Most = 50;
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { MaxRegistrations = Most });
        await using var control = await _testConsumers.ControlAsync(testGateway, "boris");
        await using var one = await _testConsumers.ConnectAsync(testGateway, "anna");
        await using var other = await _testConsumers.ConnectAsync(testGateway, "anna");
        for (var i = 0; i < 30; i++)
            (await one.RegisterAsync("H0UNPGM0", $"{i:000000}")).IsSuccess.ShouldBeTrue();
        var codes = new List<BrokerCode>();
        for (var i = 0; i < 30; i++)
            codes.Add((await other.RegisterAsync("H0UNPGM0", $"{i:000000}")).Code);

        codes.Count(code => code == BrokerCode.SubscribeSuccess).ShouldBe(Most - 30);
        codes.Count(code => code == BrokerCode.TooManySubscriptions).ShouldBe(10);
        var usage = testGateway.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage;
        usage.Registrations.ShouldBe(Most);
        usage.RefusedBy(ConsumerLimit.Registrations).ShouldBe(10);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task A_message_that_is_too_long_closes_only_its_connection()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default);
        await using var control = await _testConsumers.ControlAsync(testGateway, "boris");
        await using var unauthenticated = await FeedClient.ConnectAsync(testGateway.Url, Guid.NewGuid().ToString());
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await anna.RegisterAsync("H0BJCNT0", "KR103502GC97");

        await anna.SendAsync(new string('x', 16 * 1024));
        FeedClient.Parse(await anna.ReceiveControlAsync()).IsSuccess.ShouldBeFalse();
        foreach (var client in (FeedClient[])[anna, unauthenticated])
        {
            await client.SendAsync(new string('x', (16 * 1024) + 1));
            (await client.ReceiveCloseAsync()).Status.ShouldBe(WebSocketCloseStatus.MessageTooBig);
        }

        testGateway.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage.RefusedBy(ConsumerLimit.MessageBytes).ShouldBe(1);
        testGateway.Refused(AccessRefusalReason.MessageBytes).ShouldBe(1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task Approval_keys_are_issued_at_a_limited_rate()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 3 });
        for (var i = 0; i < 3; i++)
            (await ApproveAsync(testGateway, "anna")).Code.ShouldBeNull();

        (await ApproveAsync(testGateway, "anna")).ShouldBe((403, "EGW00201"));

        (await ApproveAsync(testGateway, "boris")).Code.ShouldBeNull();
        testGateway.Gateway.Accounts.All.Single(a => a.Name == "anna").Usage.RefusedBy(ConsumerLimit.Requests).ShouldBe(1);
        _time.Advance(s_hold);
        (await ApproveAsync(testGateway, "anna")).Code.ShouldBeNull();
    }

    [Fact]
    public async Task Repeated_wrong_credentials_are_throttled_and_valid_ones_never()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default);
        await using var control = await _testConsumers.ControlAsync(testGateway, "boris");
        var wrong = ConsumerCredentials.Create();
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        for (var i = 0; i < AuthenticationThrottle.Burst; i++)
            CodeOf(await rest.ApproveAsync(_testConsumers["anna"].AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00103"));

        CodeOf(await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00201"));
        (await ApproveAsync(testGateway, "anna")).Code.ShouldBeNull("valid credentials are not affected by the failures of others");

        (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("anna"))).Status.ShouldBe(200);
        testGateway.Refused(AccessRefusalReason.Credentials).ShouldBe(AuthenticationThrottle.Burst);
        testGateway.Refused(AccessRefusalReason.TooManyFailures).ShouldBe(1);
        await control.WaitForMoreFramesAsync();
        _time.Advance(s_hold);
        CodeOf(await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).ShouldBe((403, "EGW00103"));
    }

    private static (int Status, string? Code) CodeOf((int Status, System.Text.Json.JsonElement Body) answer) =>
        (answer.Status, answer.Body.TryGetProperty("error_code", out var code) ? code.GetString() : null);

    private async Task<(int Status, string? Code)> ApproveAsync(TestGateway testGateway, string name)
    {
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        return CodeOf(await rest.ApproveAsync(_testConsumers[name].AppKey, _testConsumers[name].AppSecret));
    }

    private async Task<TestGateway> OpenAsync(ConsumerLimits limits)
    {
        await _testConsumers.AddAsync("anna", "boris");
        var never = TimeSpan.FromHours(1); // No other timer may be due when a pause ends: tests wait for that timer.
        return await TestGateway.OpenAsync(
            with: options => options with
            {
                TokenReloadInterval = never,
                Limits = limits,
                TimeProvider = _time,
                HeartbeatInterval = never,
                StreamHeartbeat = never,
            },
            upstream: options => options with { MaxRegistrations = 100 },
            simulator: new Simulator.SimulatorOptions { Rate = 1_000, MaxRegistrations = 100 },
            consumers: _testConsumers);
    }
}
