using System.Text;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Floods of control frames and fragments, on both WebSockets and before authentication.</summary>
public sealed class FrameFloodTests
{
    private static readonly byte[] s_emptyContinuation = RawClient.Frame(0x0, [], isFinal: false);
    private static readonly byte[] s_ping = RawClient.Frame(RawClient.Ping, []);

    [Theory]
    [InlineData("/tryitout", true)]
    [InlineData("/tryitout", false)]
    [InlineData("/v1/stream", true)]
    [InlineData("/v1/stream", false)]
    public async Task A_flood_is_closed_with_1008_and_counted(string path, bool isOfPings)
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var control = await ControlConsumer.ConnectAsync(testGateway);
        await using var raw = await RawClient.ConnectAsync(new Uri(testGateway.Url, path));
        var beginning = isOfPings ? [] : RawClient.Frame(RawClient.Text, [], isFinal: false);
        var flooding = FloodAsync(raw, beginning, isOfPings ? s_ping : s_emptyContinuation);

        var (opcode, payload) = (await raw.ReceiveAllAsync())[^1];

        opcode.ShouldBe(RawClient.Close);
        payload[..2].ShouldBe([1008 >> 8, 1008 & 0xFF]);
        Encoding.UTF8.GetString(payload.AsSpan(2)).ShouldContain(isOfPings ? "too many pings or pongs" : "more than 128 fragments");
        await flooding; // The socket is closed while its client still sends.
        await Patience.UntilAsync(() => testGateway.Status.Totals.Floods == 1);
        testGateway.Log.Entries.Count(
            e => e.Text.Contains(isOfPings ? "too many pings or pongs" : "more than 128 fragments", StringComparison.Ordinal))
            .ShouldBe(1);
        await control.WaitForMoreFramesAsync();
    }

    [Theory]
    [InlineData("/tryitout")]
    [InlineData("/v1/stream")]
    public async Task Bursts_of_keep_alives_are_not_a_flood(string path)
    {
        await using var testGateway = await TestGateway.OpenAsync(isDown: true);
        await using var raw = await RawClient.ConnectAsync(new Uri(testGateway.Url, path));
        for (var i = 0; i < 90; i++)
        {
            await raw.SendAsync(s_ping);
            await raw.SendAsync(RawClient.Frame(RawClient.Pong, "kept alive"u8.ToArray()));
        }

        for (var i = 0; i < 90; i++)
            (await raw.ReceiveAsync()).ShouldNotBeNull().Opcode.ShouldBe(RawClient.Pong);
        testGateway.Status.Totals.Floods.ShouldBe(0);
    }

    private static async Task FloodAsync(RawClient raw, byte[] beginning, byte[] frame)
    {
        var block = Enumerable.Repeat(frame, 1_000).SelectMany(b => b).ToArray();
        try
        {
            await raw.SendAsync(beginning);
            while (true)
                await raw.SendAsync(block);
        }
        catch (IOException)
        {
            // The gateway has closed the connection.
        }
    }
}
