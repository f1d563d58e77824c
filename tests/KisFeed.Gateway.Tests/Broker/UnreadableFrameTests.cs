using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Unreadable frames of upstream.</summary>
public sealed class UnreadableFrameTests
{
    [Fact]
    public async Task A_frame_of_an_unknown_feed_is_not_forwarded_and_counted()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, Faults = new SimulatorFaults { Garbage = 1 } });
        await using var client = await testGateway.ConnectAsync();
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        await Patience.UntilAsync(() => testGateway.Status.Totals.FramesUnclaimed > 10);

        var status = testGateway.Status;
        status.Totals.FramesMalformed.ShouldBeGreaterThan(status.Totals.FramesUnclaimed, "the feed of some malformed frames is known");
        for (var i = 0; i < 20; i++)
            (await client.ReceiveFrameAsync()).ShouldStartWith($"0|{TestGateway.Index}|");
    }

    [Fact]
    public async Task An_unreadable_frame_of_a_feed_is_forwarded_unchanged()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 200, Faults = new SimulatorFaults { BadUtf8 = 1 } });
        await using var client = await RawClient.ConnectAsync(testGateway.Url);
        (await client.RegisterAsync(testGateway.Gateway.RestUrl, TestGateway.Index, "0001")).ShouldContain("SUCCESS");

        while (Array.IndexOf((await client.ReceiveAsync()).ShouldNotBeNull().Payload, (byte)0xFF) < 0)
        {
            // A complete frame.
        }

        testGateway.Status.Totals.FramesMalformed.ShouldBeGreaterThan(0);
        testGateway.Status.Totals.FramesUnclaimed.ShouldBe(0);
    }
}
