using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>What comes from upstream and cannot be read.</summary>
public sealed class UnreadableFrameTests
{
    [Fact]
    public async Task What_is_of_no_feed_that_can_be_told_is_passed_on_to_nobody_and_counted()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 200, Faults = new SimulatorFaults { Garbage = 1 } });
        await using var client = await stage.ConnectAsync();
        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        await Patience.UntilAsync(() => stage.Gateway.Status.FramesUnclaimed > 10);

        var status = stage.Gateway.Status;
        status.FramesMalformed.ShouldBeGreaterThan(status.FramesUnclaimed, "some can be told");
        for (var i = 0; i < 20; i++)
            (await client.ReceiveFrameAsync()).ShouldStartWith($"0|{Stage.Index}|");
    }

    [Fact]
    public async Task What_is_of_a_feed_is_passed_on_as_it_is()
    {
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 200, Faults = new SimulatorFaults { BadUtf8 = 1 } });
        await using var client = await RawClient.ConnectAsync(stage.Url);
        (await client.RegisterAsync(stage.Gateway.RestUrl, Stage.Index, "0001")).ShouldContain("SUCCESS");

        while (Array.IndexOf((await client.ReceiveAsync()).ShouldNotBeNull().Payload, (byte)0xFF) < 0)
        {
            // A frame that is whole.
        }

        stage.Gateway.Status.FramesMalformed.ShouldBeGreaterThan(0);
        stage.Gateway.Status.FramesUnclaimed.ShouldBe(0);
    }
}
