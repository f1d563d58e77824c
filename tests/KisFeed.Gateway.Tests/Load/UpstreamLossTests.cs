using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>Upstream is lost and restored at random times while it sends thousands of frames per second.</summary>
public sealed class UpstreamLossTests(ITestOutputHelper report)
{
    private const int Losses = 6;
    private const int Clients = 3; // of each kind
    private const int FramesAfter = 3_000;

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Streams_receive_every_gap_and_connections_stay_open_when_upstream_is_lost()
    {
        var seed = TestRun.Seed;
        try
        {
            await RunAsync(new Random(seed));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }

    private async Task RunAsync(Random random)
    {
        await using var testGateway = await NumberedGateway.OpenAsync(new() { Burst = 50, Pause = TimeSpan.FromMilliseconds(8) });
        var last = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var clients = new ClientSet();
        var reading = new List<Task>();
        var verifiers = new List<StreamVerifier>();
        for (var i = 0; i < Clients; i++)
        {
            var sse = clients.Add(await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={NumberedGateway.Subscribe}&queue=65536"));
            var socket = clients.Add(
                await SocketClient.OpenAsync(testGateway.Gateway, $"subscribe={NumberedGateway.Subscribe}&queue=65536"));
            var client = clients.Add(await testGateway.ConnectAsync());
            var (ofSse, ofSocket) = (new StreamVerifier(), new StreamVerifier());
            verifiers.AddRange(ofSse, ofSocket);
            reading.Add(Task.Run(() => ReadStreamAsync(sse.NextAsync, ofSse, last.Task)));
            reading.Add(Task.Run(() => ReadStreamAsync(socket.NextAsync, ofSocket, last.Task)));
            reading.Add(Task.Run(() => ReadFramesAsync(client, testGateway.Service, last.Task)));
        }

        for (var i = 0; i < Losses; i++)
        {
            var connection = testGateway.Service.Connections - 1;
            await testGateway.Service.UntilSentAsync(connection, random.Next(1, FramesAfter));
            if (random.Next(2) == 0)
            {
                testGateway.Service.Drop(connection);
            }
            else
            {
                await testGateway.Service.StopAsync();
                await Task.Delay(random.Next(300));
                await testGateway.Service.StartAgainAsync();
            }

            await Patience.UntilAsync(() => testGateway.Service.SentOn(testGateway.Service.Connections - 1) > 0
                && testGateway.Service.Connections - 1 > connection);
        }

        var end = testGateway.Service.Connections - 1;
        await testGateway.Service.UntilSentAsync(end, FramesAfter);
        last.SetResult(end);
        foreach (var task in reading)
            await task;

        verifiers.ShouldAllBe(verifier => verifier.Gaps >= Losses * NumberedService.Keys.Count);
        verifiers.Select(verifier => verifier.Gaps).Distinct().ShouldHaveSingleItem();
        var status = testGateway.Gateway.Status;
        status.Totals.ConnectionsAccepted.ShouldBe(Clients);
        status.Totals.FramesDropped.ShouldBe(0);
        status.Totals.StreamRecordsDropped.ShouldBe(0);
        report.WriteLine($"{end} losses, {status.Totals.FramesReceived} frames received, {verifiers.Sum(w => w.Records)} records and "
            + $"{verifiers.Sum(w => w.Gaps)} gaps in {verifiers.Count} streams");
    }

    private static async Task ReadStreamAsync(Func<Task<StreamEvent?>> nextAsync, StreamVerifier verifier, Task<int> last)
    {
        while (!last.IsCompleted || !verifier.HasReceivedAll(await last, FramesAfter))
            verifier.Verify((await nextAsync()).ShouldNotBeNull("the stream has ended"));
    }

    private static async Task ReadFramesAsync(FeedClient client, NumberedService service, Task<int> last)
    {
        var before = NumberOf(await client.ReceiveFrameAsync());
        while (!last.IsCompleted || before.Connection < await last || before.Number < FramesAfter)
        {
            var text = await client.ReceiveFrameAsync();
            client.Frames.Clear();
            var now = NumberOf(text);
            text.ShouldBe(NumberedService.Frame(now.Connection, now.Number));
            if (now.Connection == before.Connection)
            {
                now.Number.ShouldBe(before.Number + 1);
            }
            else
            {
                now.Connection.ShouldBeGreaterThan(before.Connection);
                now.Number.ShouldBe(0);
                before.Number.ShouldBeLessThan(service.SentOn(before.Connection));
            }

            before = now;
        }
    }

    private static (int Connection, int Number) NumberOf(string text) => NumberedService.NumberOf(System.Text.Encoding.UTF8.GetBytes(text));
}
