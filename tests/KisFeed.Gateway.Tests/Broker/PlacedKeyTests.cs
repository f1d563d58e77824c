using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Keys that a cluster places with a gateway.</summary>
public sealed class PlacedKeyTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;

    [Fact]
    public async Task A_placed_key_is_registered_without_consumers_and_released_at_once()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { ReleaseGrace = TimeSpan.FromHours(1) });
        var keys = testGateway.Gateway.PlacedKeys;

        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();
        testGateway.Status.Registrations.ShouldHaveSingleItem()
            .ShouldBe(new GatewayRegistration(TestGateway.Index, "0001", 0, IsRegistered: true) { IsPlaced = true });
        await keys.RemoveAsync(s_index, "0001");

        keys.IsRegistered(s_index, "0001").ShouldBeFalse();
        testGateway.Status.Registrations.ShouldBeEmpty();
        testGateway.Simulator.Statistics.Registrations.ShouldBe(0);
    }

    [Fact]
    public async Task A_consumer_of_the_gateway_keeps_a_key_that_is_not_placed_with_it_any_more()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        var keys = testGateway.Gateway.PlacedKeys;
        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();
        await using var consumer = await testGateway.ConnectAsync();
        await consumer.RegisterAsync(TestGateway.Index, "0001");

        await keys.RemoveAsync(s_index, "0001");

        testGateway.Status.Registrations.ShouldHaveSingleItem()
            .ShouldBe(new GatewayRegistration(TestGateway.Index, "0001", 1, IsRegistered: true));
        await consumer.ReceiveFrameAsync();
    }

    [Fact]
    public async Task A_placed_key_stays_for_the_minimum_time()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { MinimumHold = TimeSpan.FromSeconds(10), TimeProvider = time });
        var keys = testGateway.Gateway.PlacedKeys;
        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();

        var removed = keys.RemoveAsync(s_index, "0001");
        time.Advance(TimeSpan.FromSeconds(9));
        removed.IsCompleted.ShouldBeFalse();
        keys.IsRegistered(s_index, "0001").ShouldBeTrue();
        await Patience.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return removed.IsCompleted;
        });

        testGateway.Status.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_that_is_dropped_does_not_stay_for_the_minimum_time()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => options with { MinimumHold = TimeSpan.FromHours(1), TimeProvider = new ManualTimeProvider() });
        var keys = testGateway.Gateway.PlacedKeys;
        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();

        var dropped = keys.DropAsync(s_index, "0001");

        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();
        _ = dropped;
    }

    [Fact]
    public async Task A_refusal_is_returned_and_the_key_may_be_placed_again()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, Faults = SimulatorFaults.None with { Refuse = "OPSP0008", RefuseCount = 1 } });
        var keys = testGateway.Gateway.PlacedKeys;

        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBe(BrokerCode.TooManySubscriptions);

        (await keys.AddAsync(s_index, "0001", _ => { })).ShouldBeNull();
        (await Should.ThrowAsync<InvalidOperationException>(() => keys.AddAsync(s_index, "0001", _ => { }))).Message
            .ShouldContain("placed with this gateway already");
    }

    [Fact]
    public async Task The_end_of_a_registration_is_reported()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        var ended = new TaskCompletionSource<BrokerCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        (await testGateway.Gateway.PlacedKeys.AddAsync(s_index, "0001", code => ended.TrySetResult(code))).ShouldBeNull();

        await testGateway.RestartAsync(
            new SimulatorOptions { Rate = 200, Faults = SimulatorFaults.None with { Refuse = "OPSP0017", RefuseCount = 1 } });

        (await ended.Task.WaitAsync(Patience.Limit)).Meaning.ShouldBe(BrokerCodeMeaning.WrongHtsId);

        // It is reported before upstream has confirmed that nothing is left.
        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
    }

    [Fact]
    public async Task Cancelling_gives_a_key_up_that_upstream_has_not_acknowledged()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, Faults = SimulatorFaults.None with { SlowAck = TimeSpan.FromSeconds(1) } });
        var keys = testGateway.Gateway.PlacedKeys;
        using var cancellation = new CancellationTokenSource();

        var adding = keys.AddAsync(s_index, "0001", _ => { }, cancellation.Token);
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(adding);
        await keys.RemoveAsync(s_index, "0001");
        testGateway.Status.Registrations.ShouldBeEmpty();
    }
}
