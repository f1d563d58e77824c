using System.Text;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A reader of a long recording that often stops: nothing grows with its position.</summary>
[Collection(MemoryCollection.Name)]
public sealed class HistoryMemoryTests : IDisposable
{
    private const int Frames = 1_000_000;
    private const int Parts = 8;

    // A frame has 150 bytes. If each were kept, those of the shortest run would be 13 MB more in the last part than in the first.
    // The queue of a subscription is sometimes full and sometimes empty: 10,000 frames.
    private const long MaxGrowth = 8 << 20;

    private static readonly DateTimeOffset s_first = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-long-");
    private readonly ITestOutputHelper _report;

    public HistoryMemoryTests(ITestOutputHelper report) => _report = report;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task Lines_of_a_capture() => VerifyAsync(gateway => ReadTextAsync(gateway, "&format=capture", "|H0UPCNT0|"));

    [Fact]
    public Task Server_sent_events() => VerifyAsync(gateway => ReadTextAsync(gateway, "", "event: record"));

    [Fact]
    public Task A_subscription_of_the_library() => VerifyAsync(SubscribeAsync);

    private async Task VerifyAsync(Func<GatewayServer, Task<LongReader>> openAsync)
    {
        var total = TestRun.Of(Frames);
        WriteCapture(total);
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 1 });
        await using var gateway = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = TestGateway.ClientOf(simulator.WebSocketUrl),
            Limits = TestGateway.Unhurried,
            Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName } },
        });
        await using var reader = await openAsync(gateway);
        var heaps = new List<long>();
        var count = 0;
        for (var part = 1; part < Parts; part++)
        {
            while (count < total / Parts * part)
                count += await reader.ReadAsync();

            // The reader has stopped: the gateway fills the buffers of the connection, and waits.
            heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
        }

        while (count < total)
            count += await reader.ReadAsync();
        _report.WriteLine($"{total} frames; heap {string.Join(", ", heaps.Select(heap => heap >> 10))} KiB");
        count.ShouldBe(total);
        (heaps.Skip(1).Max() - heaps[0]).ShouldBeLessThan(MaxGrowth);
    }

    private void WriteCapture(int frames)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = _folder.FullName, FlushToDisk = false });
        for (var number = 0; number < frames; number++)
        {
            writer.Write("H0UPCNT0", Encoding.ASCII.GetBytes(TestFrames.Index("0001", number)), s_first.AddMilliseconds(number));
            if (writer.IsFull)
                writer.Flush();
        }

        writer.Close();
    }

    private static async Task<LongReader> ReadTextAsync(GatewayServer gateway, string more, string marker)
    {
        var http = new HttpClient { BaseAddress = gateway.RestUrl };
        var text = await http.GetStreamAsync(new Uri($"/v1/stream?subscribe=index:0001&from=2026-11-20{more}", UriKind.Relative));
        var buffer = new byte[64 * 1024];
        var bytes = Encoding.ASCII.GetBytes(marker);
        var kept = 0;
        return new LongReader(ReadAsync, () =>
        {
            http.Dispose();
            return ValueTask.CompletedTask;
        });

        async ValueTask<int> ReadAsync()
        {
            var length = kept + await text.ReadAsync(buffer.AsMemory(kept)).AsTask().WaitAsync(Patience.Limit);
            length.ShouldBeGreaterThan(kept, "the stream has ended");
            var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            var count = buffer.AsSpan(0, end).Count(bytes);
            buffer.AsSpan(end, length - end).CopyTo(buffer);
            kept = length - end;
            return count;
        }
    }

    private static async Task<LongReader> SubscribeAsync(GatewayServer gateway)
    {
        var client = KisFeedClient.Start(TestGateway.ClientOf(gateway.WebSocketUrl));
        var frames = await client.SubscribeAsync(IndexTrade.Feed.Schema, "0001", new() { From = HistoryStart.At(s_first) });
        var items = frames.ReadAllAsync().GetAsyncEnumerator();
        return new LongReader(ReadAsync, async () =>
        {
            await items.DisposeAsync();
            await frames.DisposeAsync();
            await client.DisposeAsync();
        });

        async ValueTask<int> ReadAsync()
        {
            (await items.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            return items.Current.IsFrame ? 1 : 0;
        }
    }

    /// <summary>A reader of the past.</summary>
    /// <param name="readAsync">Reads some records, and returns how many.</param>
    /// <param name="disposeAsync">Ends it.</param>
    private sealed class LongReader(Func<ValueTask<int>> readAsync, Func<ValueTask> disposeAsync) : IAsyncDisposable
    {
        public ValueTask<int> ReadAsync() => readAsync();

        public ValueTask DisposeAsync() => disposeAsync();
    }
}
