using System.Text;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Heartbeats of the gateway, which a consumer need not answer, and unsolicited messages of a consumer.</summary>
public sealed class HeartbeatTests : IDisposable
{
    // Not a divisor of any other interval of the gateway.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2.718);
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longInterval = TimeSpan.FromHours(1);

    private readonly TestConsumers _testConsumers = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    public async Task A_consumer_that_never_answers_heartbeats_stays_connected()
    {
        await using var testGateway = await OpenAsync();
        await using var client = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await client.RegisterAsync("H0BJCNT0", "KR103502GC97")).IsSuccess.ShouldBeTrue();
        for (var i = 0; i < 10; i++)
        {
            await _time.TimerDueInAsync(s_interval);
            _time.Advance(s_interval);
            (await client.ReceiveControlAsync()).ShouldContain("PINGPONG");
            await client.ReceiveFrameAsync();
        }
    }

    [Fact]
    public async Task Unsolicited_pongs_are_tolerated()
    {
        await using var testGateway = await OpenAsync();
        await using var client = await RawClient.ConnectAsync(testGateway.Url);
        await client.SendAsync(RawClient.Frame(RawClient.Pong, []));
        await client.SendAsync(RawClient.Frame(RawClient.Pong, "keep-alive"u8.ToArray()));
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "still here"u8.ToArray()));

        (await client.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
    }

    [Fact]
    public async Task A_heartbeat_answer_is_free_but_a_repetition_counts_as_a_request()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 0.000_1, RequestBurst = 4 });
        await using var client = await _testConsumers.ConnectAsync(testGateway, "anna");
        (await client.RegisterAsync("H0BJCNT0", "KR103502GC97")).IsSuccess.ShouldBeTrue();
        var heartbeat = "";
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(s_interval);
            heartbeat = await client.ReceiveControlAsync();
            await client.SendAsync(heartbeat);
            await _time.TimerDueInAsync(s_interval);
        }

        (await client.ReleaseAsync("H0BJCNT0", "KR103502GC97")).IsSuccess.ShouldBeTrue();
        for (var i = 0; i < 3; i++)
            await client.SendAsync(heartbeat);
        await _time.TimerDueInAsync(s_hold);
    }

    [Fact]
    public async Task Pings_are_throttled_like_requests()
    {
        await using var testGateway = await OpenAsync(
            ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 }, interval: s_longInterval);
        await using var raw = await RawClient.ConnectAsync(testGateway.Url);
        for (var i = 0; i < 4; i++)
            await raw.SendTextAsync("not a request");
        for (var i = 0; i < 4; i++)
            (await raw.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Text);
        var ping = RawClient.Frame(RawClient.Ping, "x"u8.ToArray());
        await raw.SendAsync([.. Enumerable.Repeat(ping, 3).SelectMany(bytes => bytes)]);

        for (var i = 0; i < 3; i++)
        {
            if (i >= 1)
            {
                await _time.TimerDueInAsync(s_hold);
                _time.Advance(s_hold);
            }

            (await raw.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
        }
    }

    [Fact]
    public async Task A_client_that_floods_pings_is_closed()
    {
        await using var testGateway = await OpenAsync(
            ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 }, interval: s_longInterval);
        await using var control = await _testConsumers.ControlAsync(testGateway, "boris");
        await using var flood = await RawClient.ConnectAsync(testGateway.Url);
        var ping = RawClient.Frame(RawClient.Ping, "x"u8.ToArray());
        await flood.SendAsync([.. Enumerable.Repeat(ping, 1_000).SelectMany(bytes => bytes)]);

        (await flood.ReceiveAllAsync())[^1].Opcode.ShouldBe(RawClient.Close);
        await Patience.UntilAsync(() => testGateway.Status.Totals.Floods == 1);
        await control.WaitForMoreFramesAsync();
    }

    [Fact]
    public async Task A_client_that_floods_heartbeat_answers_is_closed()
    {
        await using var testGateway = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var flood = await RawClient.ConnectAsync(testGateway.Url);
        await _time.TimerDueInAsync(s_interval);
        _time.Advance(s_interval);
        var heartbeat = (await flood.ReceiveAsync()).ShouldNotBeNull();
        Encoding.UTF8.GetString(heartbeat.Payload).ShouldContain("PINGPONG");

        await flood.SendAsync([.. Enumerable.Repeat(RawClient.Frame(RawClient.Pong, heartbeat.Payload), 6).SelectMany(bytes => bytes)]);

        (await flood.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Close);
        await Patience.UntilAsync(() => testGateway.Status.Totals.Floods == 1);
    }

    private async Task<TestGateway> OpenAsync(ConsumerLimits? limits = null, TimeSpan? interval = null)
    {
        await _testConsumers.AddAsync("anna", "boris");
        return await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 1_000 },
            options => options with
            {
                TokenReloadInterval = TimeSpan.FromHours(10),
                Limits = limits ?? ConsumerLimits.Default,
                TimeProvider = _time,
                RegisterTimeout = s_longInterval,
                AuthenticationTimeout = TimeSpan.FromHours(10),
                HeartbeatInterval = interval ?? s_interval,
            },
            options => options with { ReplyTimeout = s_longInterval },
            consumers: _testConsumers);
    }
}
