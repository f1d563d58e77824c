using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>Consumers of every kind stop reading while tens of megabytes are sent.</summary>
[Collection(MemoryCollection.Name)]
public sealed class StalledConsumerTests(ITestOutputHelper report) : IDisposable
{
    private const int Queue = 500;
    private const int EnoughDropped = 40_000;
    private const int FramesAfter = 1_000;
    private const int MaxAhead = 20_000; // Far less than the queues of those that read hold, however slow the machine is.
    private const long MaxMemory = 32 << 20;

    private readonly TestConsumers _testConsumers = new();
    private readonly int[] _read = new int[2]; // The number of the last frame that each of those that read has received.

    public void Dispose() => _testConsumers.Dispose();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_stalled_consumer_uses_bounded_memory_and_learns_its_gap_and_others_receive_everything()
    {
        await _testConsumers.AddAsync("oldest", "latest", "socket", "broker", "reader");
        await using var testGateway = await NumberedGateway.OpenAsync(
            new()
            {
                Burst = 100,
                Pause = TimeSpan.FromMilliseconds(8),
                BeforeBurst = sent => Patience.UntilAsync(() => _read.All(read => read == 0 || read > sent - MaxAhead)),
            },
            options => options with { TokenFile = _testConsumers.TokenFile, MaxQueueBytes = 4 << 20, ReplayBufferBytes = 1 << 20 });
        await using var clients = new ClientSet();
        var enough = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = clients.Add(
            await SseClient.OpenAsync(
                testGateway.Gateway, $"subscribe={NumberedGateway.Subscribe}&queue=65536", _testConsumers.Basic("reader")));
        var connection = clients.Add(await testGateway.ConnectAsync(await ApprovalKeyAsync(testGateway, "reader")));
        var readers = Task.WhenAll(
            Task.Run(() => ReadStreamAsync(stream, enough.Task)), Task.Run(() => ReadFramesAsync(connection, enough.Task)));
        var oldest = clients.Add(
            await SseClient.OpenAsync(
                testGateway.Gateway, $"subscribe={NumberedGateway.Subscribe}&queue={Queue}", _testConsumers.Basic("oldest")));
        var latest = clients.Add(await SseClient.OpenAsync(
            testGateway.Gateway, $"subscribe={NumberedGateway.Subscribe}&queue={Queue}&overflow=latest", _testConsumers.Basic("latest")));
        var socket = clients.Add(await SocketClient.OpenAsync(
            testGateway.Gateway,
            $"subscribe={NumberedGateway.Subscribe}&queue={Queue}&approval_key={await ApprovalKeyAsync(testGateway, "socket")}"));
        var stalledStreams = new[]
        {
            new StalledStream("oldest", oldest.NextAsync),
            new StalledStream("latest", latest.NextAsync),
            new StalledStream("socket", socket.NextAsync),
        };
        foreach (var stalled in stalledStreams)
            await stalled.ReadUntilCompleteAsync();
        var broker = clients.Add(await testGateway.ConnectAsync(await ApprovalKeyAsync(testGateway, "broker")));

        // These four consumers do not read until the last one is closed.
        var closed = testGateway.Log.EventAsync("SlowConsumer");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await closed.WaitAsync(Patience.Limit);

        // After the close it has limited time to read its queue.
        var finalMessages = Task.Run(() => ReadRemainingAsync(broker));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        await Patience.UntilAsync(
            () => stalledStreams.All(stalled => AccountOf(testGateway, stalled.Name).Counts.Dropped.Value > TestRun.Of(EnoughDropped)));
        grown = Math.Max(grown, GC.GetTotalMemory(forceFullCollection: true) - before);
        var waiting = (await StatusAsync(testGateway, "oldest")).GetProperty("waiting");
        waiting.GetProperty("records").GetInt64().ShouldBeInRange(1, Queue);
        waiting.GetProperty("bytes").GetInt64().ShouldBeGreaterThan(0);
        await finalMessages;
        enough.SetResult(testGateway.Service.SentOn(0) + FramesAfter);
        await readers;
        await testGateway.Service.PauseAsync();
        var total = testGateway.Service.SentOn(0);
        foreach (var stalled in stalledStreams)
            await stalled.ReadToEndAsync(total);

        report.WriteLine($"{total} frames; "
            + $"{string.Join(", ", stalledStreams.Select(stalled => $"{stalled.Name} missed {stalled.Dropped} records"))}; "
            + $"memory grew by {grown >> 10} KiB");
        grown.ShouldBeLessThan(MaxMemory);
        foreach (var stalled in stalledStreams)
            (await StatusAsync(testGateway, stalled.Name)).GetProperty("dropped").GetInt64().ShouldBe(stalled.Dropped);
        (await StatusAsync(testGateway, "broker")).GetProperty("slowCloses").GetInt64().ShouldBe(1);
        (await StatusAsync(testGateway, "reader")).ShouldHave("""{"dropped":0,"slowCloses":0}""");
        testGateway.Gateway.Status.Totals.FramesDropped.ShouldBe(0);
    }

    private async Task ReadStreamAsync(SseClient stream, Task<int> enough)
    {
        var verifier = new StreamVerifier();
        while (!enough.IsCompleted || !verifier.HasReceivedAll(0, await enough))
        {
            var item = (await stream.NextAsync()).ShouldNotBeNull("the stream has ended");
            verifier.Verify(item);
            if (item.IsRecord)
                Volatile.Write(ref _read[0], NumberedRecord.Of(item).Number);
        }

        Volatile.Write(ref _read[0], int.MaxValue);
        verifier.Gaps.ShouldBe(0);
    }

    private async Task ReadFramesAsync(FeedClient connection, Task<int> enough)
    {
        var next = NumberOf(await connection.ReceiveFrameAsync()) + 1;
        while (!enough.IsCompleted || next < await enough)
        {
            (await connection.ReceiveFrameAsync()).ShouldBe(NumberedService.Frame(0, next++));
            connection.Frames.Clear();
            Volatile.Write(ref _read[1], next);
        }

        Volatile.Write(ref _read[1], int.MaxValue);
    }

    // The data queued before the close arrive, followed by the reason.
    private static async Task ReadRemainingAsync(FeedClient connection)
    {
        var next = NumberOf(await connection.ReceiveFrameAsync()) + 1;
        while (await connection.ReceiveAsync() is { } text)
            text.ShouldBe(NumberedService.Frame(0, next++));
        connection.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        connection.Socket.CloseStatusDescription.ShouldNotBeNull().ShouldStartWith("too slow");
    }

    private static Account AccountOf(NumberedGateway testGateway, string name) =>
        testGateway.Gateway.Accounts.All.Single(account => account.Name == name);

    private static int NumberOf(string frame) => NumberedService.NumberOf(Encoding.UTF8.GetBytes(frame)).Number;

    private Task<string> ApprovalKeyAsync(NumberedGateway testGateway, string name) =>
        RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl, _testConsumers[name].AppKey, _testConsumers[name].AppSecret);

    private async Task<JsonElement> StatusAsync(NumberedGateway testGateway, string name)
    {
        var status = (await WebClient.GetAsync(testGateway.Gateway, "/v1/status", _testConsumers.Basic(name))).Json;
        var consumer = status.GetProperty("consumers").EnumerateArray().ToList().ShouldHaveSingleItem();
        consumer.GetProperty("name").GetString().ShouldBe(name);
        return consumer;
    }
}
