using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Who does not read hurts nobody else.</summary>
public sealed class SlowConsumerTests
{
    [Fact]
    public async Task Who_does_not_read_is_closed_and_the_others_get_every_record()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 20_000 }, options => options with { HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var reader = await stage.ConnectAsync();
        await reader.RegisterAsync(Stage.Index, "0001");
        await using var deaf = await RawClient.ConnectAsync(stage.Url);
        await deaf.SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(stage.Gateway.RestUrl), "1", Stage.Index, "0001"));

        var closed = stage.Log.EventAsync(80);
        var read = 0L;
        while (!closed.IsCompleted)
            read += RecordsOf(await reader.ReceiveFrameAsync());
        await stage.Simulator.StopAsync();
        var sent = stage.Simulator.Statistics.RecordsSent;
        while (read < sent)
            read += RecordsOf(await reader.ReceiveFrameAsync());

        read.ShouldBe(sent);
        stage.Gateway.Status.SlowConsumers.ShouldBe(1);
        stage.Gateway.Status.FramesDropped.ShouldBe(0);
        var counts = stage.Gateway.Accounts.All.ShouldHaveSingleItem().Counts;
        counts.SlowCloses.ShouldBe(1);
        counts.Delivered.ShouldBe(stage.Gateway.Status.FramesSent);
    }

    private static int RecordsOf(string frame) => int.Parse(frame.Split('|')[2], System.Globalization.CultureInfo.InvariantCulture);
}
