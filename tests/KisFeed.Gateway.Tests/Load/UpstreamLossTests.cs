using KisFeed.Gateway.Tests.Web.Streaming;
using Xunit.Abstractions;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>Upstream is lost at any moment while it sends thousands of frames a second, and comes back: streams are told of each gap, connections stand, and the right data follow.</summary>
public sealed class UpstreamLossTests(ITestOutputHelper report)
{
    private const int Losses = 6;
    private const int Clients = 3; // of each kind
    private const int FramesAfter = 3_000;

    [Fact]
    public async Task Streams_are_told_of_every_gap_and_connections_stand_whenever_upstream_is_lost()
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
        await using var stage = await NumberedStage.OpenAsync(new() { Burst = 50, Pause = TimeSpan.FromMilliseconds(8) });
        var last = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var clients = new ClientSet();
        var reading = new List<Task>();
        var witnesses = new List<StreamWitness>();
        for (var i = 0; i < Clients; i++)
        {
            var sse = clients.Add(await SseClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue=65536"));
            var socket = clients.Add(await SocketClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue=65536"));
            var client = clients.Add(await stage.ConnectAsync());
            var (ofSse, ofSocket) = (new StreamWitness(), new StreamWitness());
            witnesses.AddRange(ofSse, ofSocket);
            reading.Add(Task.Run(() => ReadStreamAsync(sse.NextAsync, ofSse, last.Task)));
            reading.Add(Task.Run(() => ReadStreamAsync(socket.NextAsync, ofSocket, last.Task)));
            reading.Add(Task.Run(() => ReadFramesAsync(client, stage.Service, last.Task)));
        }

        for (var i = 0; i < Losses; i++)
        {
            var connection = stage.Service.Connections - 1;
            await stage.Service.UntilSentAsync(connection, random.Next(1, FramesAfter));
            if (random.Next(2) == 0)
            {
                stage.Service.Drop(connection);
            }
            else
            {
                await stage.Service.StopAsync();
                await Task.Delay(random.Next(300));
                await stage.Service.StartAgainAsync();
            }

            await Patience.UntilAsync(() => stage.Service.SentOn(stage.Service.Connections - 1) > 0 && stage.Service.Connections - 1 > connection);
        }

        var end = stage.Service.Connections - 1;
        await stage.Service.UntilSentAsync(end, FramesAfter);
        last.SetResult(end);
        foreach (var task in reading)
            await task;

        witnesses.ShouldAllBe(witness => witness.Gaps >= Losses * NumberedService.Keys.Count);
        witnesses.Select(witness => witness.Gaps).Distinct().ShouldHaveSingleItem();
        var status = stage.Gateway.Status;
        status.ConnectionsAccepted.ShouldBe(Clients);
        status.FramesDropped.ShouldBe(0);
        status.StreamRecordsDropped.ShouldBe(0);
        report.WriteLine($"{end} losses, {status.FramesReceived} frames received, {witnesses.Sum(w => w.Records)} records and {witnesses.Sum(w => w.Gaps)} gaps in {witnesses.Count} streams");
    }

    private static async Task ReadStreamAsync(Func<Task<StreamEvent?>> nextAsync, StreamWitness witness, Task<int> last)
    {
        while (!last.IsCompleted || !witness.HasAll(await last, FramesAfter))
            witness.See((await nextAsync()).ShouldNotBeNull("the stream has ended"));
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
