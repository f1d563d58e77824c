using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A slow consumer does not affect others.</summary>
public sealed class SlowConsumerTests
{
    [Fact]
    public async Task A_consumer_that_does_not_read_is_closed_and_the_others_receive_every_record()
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 20_000 }, options => options with { HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var reader = await testGateway.ConnectAsync();
        await reader.RegisterAsync(TestGateway.Index, "0001");
        await using var stalled = await RawClient.ConnectAsync(testGateway.Url);
        await stalled.SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl), "1", TestGateway.Index, "0001"));

        var closed = testGateway.Log.EventAsync("SlowConsumer");
        var read = 0L;
        while (!closed.IsCompleted)
            read += RecordsOf(await reader.ReceiveFrameAsync());
        await testGateway.Simulator.StopAsync();
        var sent = testGateway.Simulator.Statistics.RecordsSent;
        while (read < sent)
            read += RecordsOf(await reader.ReceiveFrameAsync());

        read.ShouldBe(sent);
        testGateway.Gateway.Status.SlowConsumers.ShouldBe(1);
        testGateway.Gateway.Status.FramesDropped.ShouldBe(0);
        var counts = testGateway.Gateway.Accounts.All.ShouldHaveSingleItem().Counts;
        counts.SlowCloses.ShouldBe(1);
        counts.Delivered.ShouldBe(testGateway.Gateway.Status.FramesSent);
    }

    private static int RecordsOf(string frame) => int.Parse(frame.Split('|')[2], System.Globalization.CultureInfo.InvariantCulture);
}
