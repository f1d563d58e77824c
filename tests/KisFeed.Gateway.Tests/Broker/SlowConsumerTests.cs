using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A slow consumer does not affect others.</summary>
public sealed class SlowConsumerTests
{
    [Fact]
    public async Task A_consumer_that_does_not_read_is_closed_and_the_others_receive_every_record()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 20_000 }, options => options with { HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var reader = await testGateway.ConnectAsync();
        await reader.RegisterAsync(TestGateway.Index, "0001");
        await using var stalled = await RawClient.ConnectAsync(testGateway.Url);
        await stalled.SendTextAsync(
            FeedClient.Request(await RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl), "1", TestGateway.Index, "0001"));

        var closed = testGateway.Log.EventAsync("SlowConsumer");
        while (!closed.IsCompleted)
            await reader.ReceiveFrameAsync();

        // Frames that the simulator has queued but not sent when it stops are lost with its connection.
        await testGateway.Simulator.StopAsync();
        await Patience.UntilAsync(() => testGateway.Status.Upstream.All(session => session.Phase != SessionPhase.Open));
        var received = testGateway.Status.Totals.FramesReceived;
        while (reader.Frames.Count < received)
            await reader.ReceiveFrameAsync();
        ((long)reader.Frames.Count).ShouldBe(received);
        testGateway.Status.Totals.SlowConsumers.ShouldBe(1);
        testGateway.Status.Totals.FramesDropped.ShouldBe(0);
        var counts = testGateway.Gateway.Accounts.All.ShouldHaveSingleItem().Counts;
        counts.SlowCloses.Value.ShouldBe(1);
        counts.Delivered.Value.ShouldBe(testGateway.Status.Totals.FramesSent);
    }
}
