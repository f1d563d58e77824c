using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Simulator.Tests.Server;

public sealed class MarketFeedTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly ServerCounters _counters = new();

    [Fact]
    public async Task The_market_waits_for_a_client_that_does_not_read()
    {
        await using var feed = CreateFeed();
        var (slow, _) = await SubscribeAsync(feed, "0001", isFull: true);

        await slow.WaitedFor;
        await _time.TimerDueInAsync(s_limit);
        var sent = slow.Sent.Count;
        _time.Advance(s_limit - TimeSpan.FromTicks(1));

        slow.IsCut.ShouldBeFalse();
        slow.Sent.Count.ShouldBe(sent);
        // At most one turn of a market with a single index, so the excess over the limit is bounded.
        sent.ShouldBeLessThanOrEqualTo(TurnLoop.TurnLength);
    }

    [Fact]
    public async Task A_client_that_resumes_reading_in_time_misses_nothing()
    {
        await using var feed = CreateFeed();
        var (slow, _) = await SubscribeAsync(feed, "0001", isFull: true);
        await slow.WaitedFor;
        await _time.TimerDueInAsync(s_limit);
        _time.Advance(s_limit - TimeSpan.FromTicks(1));
        var (fast, _) = await SubscribeAsync(feed, "1001", isFull: false);

        slow.Drain();
        await fast.SentTo;
        _time.Advance(s_limit);

        slow.IsCut.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_does_not_read_in_time_is_disconnected_and_the_others_continue()
    {
        await using var feed = CreateFeed();
        var (slow, _) = await SubscribeAsync(feed, "0001", isFull: true);
        await slow.WaitedFor;
        var (fast, _) = await SubscribeAsync(feed, "1001", isFull: false);
        fast.Sent.ShouldBeEmpty();
        await _time.TimerDueInAsync(s_limit);

        _time.Advance(s_limit);

        await slow.WhenCut;
        await fast.SentTo;
        fast.IsCut.ShouldBeFalse();
    }

    [Fact]
    public async Task A_registration_can_be_removed_while_the_market_waits_and_after_it_stopped()
    {
        var feed = CreateFeed();
        var (slow, registration) = await SubscribeAsync(feed, "0001", isFull: true);
        var (_, other) = await SubscribeAsync(feed, "1001", isFull: false);
        await slow.WaitedFor;

        await feed.UnsubscribeAsync(registration).AsTask().WaitAsync(Patience.Limit);
        await feed.DisposeAsync().AsTask().WaitAsync(Patience.Limit);
        await feed.UnsubscribeAsync(other).AsTask().WaitAsync(Patience.Limit);
        await feed.UnsubscribeAsync(other).AsTask().WaitAsync(Patience.Limit);
    }

    private MarketFeed CreateFeed() => new(
        new KoreanMarket(MarketOptions.Default), double.PositiveInfinity, loop: true, s_limit, new FaultController(SimulatorFaults.None),
        _time, NullLogger.Instance);

    private async Task<(FakeConnection Connection, ClientRegistration ClientRegistration)> SubscribeAsync(
        MarketFeed feed, string trKey, bool isFull)
    {
        var connection = new FakeConnection();
        if (isFull)
            connection.Fill();
        KisFeeds.Catalog.TryGet("H0UPCNT0"u8, out var schema).ShouldBeTrue();
        var registration = new ConnectionRegistrations(new SessionOutput(connection, _counters), 41, _counters)
            .Add(schema, trKey, key: null);
        await feed.SubscribeAsync(registration);
        return (connection, registration);
    }
}
