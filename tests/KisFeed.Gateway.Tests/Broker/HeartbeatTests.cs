using System.Text;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Heartbeats of the gateway, which a consumer need not answer, and what a consumer may send without being asked.</summary>
public sealed class HeartbeatTests : IDisposable
{
    // No part of any other time that the gateway keeps.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2.718);
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_never = TimeSpan.FromHours(1);

    private readonly Household _household = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task A_consumer_that_never_answers_goes_on_receiving()
    {
        await using var stage = await OpenAsync();
        await using var client = await _household.ConnectAsync(stage, "anna");
        (await client.RegisterAsync("H0BJCNT0", "KR103502GC97")).IsSuccess.ShouldBeTrue();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(s_interval);
            (await client.ReceiveControlAsync()).ShouldContain("PINGPONG");
            await client.ReceiveFrameAsync();
        }
    }

    [Fact]
    public async Task Pongs_that_answer_nothing_are_tolerated()
    {
        await using var stage = await OpenAsync();
        await using var client = await RawClient.ConnectAsync(stage.Url);
        await client.SendAsync(RawClient.Frame(RawClient.Pong, []));
        await client.SendAsync(RawClient.Frame(RawClient.Pong, "keep-alive"u8.ToArray()));
        await client.SendAsync(RawClient.Frame(RawClient.Ping, "still here"u8.ToArray()));

        (await client.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
    }

    [Fact]
    public async Task An_answer_costs_nothing_but_the_same_once_more_does()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 0.000_1, RequestBurst = 4 });
        await using var client = await _household.ConnectAsync(stage, "anna");
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
    public async Task Pings_are_answered_no_faster_than_requests()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 }, interval: s_never);
        await using var raw = await RawClient.ConnectAsync(stage.Url);
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
    public async Task Who_pings_again_and_again_is_closed()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 }, interval: s_never);
        await using var bystander = await Bystander.ConnectAsync(stage, await _household.ApprovalKeyAsync(stage, "boris"));
        await using var flood = await RawClient.ConnectAsync(stage.Url);
        var ping = RawClient.Frame(RawClient.Ping, "x"u8.ToArray());
        await flood.SendAsync([.. Enumerable.Repeat(ping, 1_000).SelectMany(bytes => bytes)]);

        (await flood.ReceiveAllAsync())[^1].Opcode.ShouldBe(RawClient.Close);
        stage.Gateway.Status.Floods.ShouldBe(1);
        await bystander.GoesOnAsync();
    }

    [Fact]
    public async Task Who_answers_a_heartbeat_again_and_again_is_closed()
    {
        await using var stage = await OpenAsync(ConsumerLimits.Default with { RequestsPerSecond = 1, RequestBurst = 5 });
        await using var flood = await RawClient.ConnectAsync(stage.Url);
        _time.Advance(s_interval);
        var heartbeat = (await flood.ReceiveAsync()).ShouldNotBeNull();
        Encoding.UTF8.GetString(heartbeat.Payload).ShouldContain("PINGPONG");

        await flood.SendAsync([.. Enumerable.Repeat(RawClient.Frame(RawClient.Pong, heartbeat.Payload), 6).SelectMany(bytes => bytes)]);

        (await flood.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Close);
        stage.Gateway.Status.Floods.ShouldBe(1);
    }

    private async Task<Stage> OpenAsync(ConsumerLimits? limits = null, TimeSpan? interval = null)
    {
        await _household.AddAsync("anna");
        await _household.AddAsync("boris");
        return await Stage.OpenAsync(
            new SimulatorOptions { Rate = 1_000 },
            options => options with
            {
                TokenFile = _household.TokenFile,
                TokenReloadInterval = TimeSpan.FromHours(10),
                Limits = limits ?? ConsumerLimits.Default,
                TimeProvider = _time,
                RegisterTimeout = s_never,
                IntroductionTimeout = TimeSpan.FromHours(10),
                HeartbeatInterval = interval ?? s_interval,
            },
            options => options with { ReplyTimeout = s_never });
    }
}
