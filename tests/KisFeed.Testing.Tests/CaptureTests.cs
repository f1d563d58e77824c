using KisFeed.Capture;
using KisFeed.Feeds;

namespace KisFeed.Testing.Tests;

/// <summary>Captures played to consumers.</summary>
public sealed class CaptureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kisfeed").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_capture_is_played_as_its_reader_returns_it()
    {
        await RecordAsync();
        var expected = await CaptureReader.Open(_folder).ReadItemsAsync(StockTrade.Krx, "005930", Cancellation)
            .Select(Streams.TextOf).ToListAsync(Cancellation);
        expected.Count.ShouldBe(302);
        await using var client = new InMemoryKisFeedClient(new KisFeedOptions { QueueCapacity = 8 });
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, "005930", cancellationToken: Cancellation);
        var reading = Streams.ReadToEndAsync(trades);

        await client.PlayAsync(_folder, Cancellation);
        client.Complete();

        (await reading).ShouldBe(expected);
        client.Skipped.ShouldBe(300, "the other key");
    }

    [Fact]
    public async Task A_capture_waits_for_a_subscription()
    {
        await RecordAsync();
        await using var client = new InMemoryKisFeedClient();
        var playing = client.PlayAsync(_folder, Cancellation);
        playing.IsCompleted.ShouldBeFalse();

        var count = 0;
        await using var trades = await client.SubscribeAsync(
            StockTrade.Krx, "000660", (in _) => count++, cancellationToken: Cancellation);
        await playing;

        count.ShouldBe(300);
    }

    // Two keys in turn, and a loss of the connection in the middle.
    private async Task RecordAsync()
    {
        await using var source = new InMemoryKisFeedClient();
        var options = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder } };
        await using (var recorder = CaptureRecorder.Start(source, options))
        {
            await recorder.AddAsync(StockTrade.Krx.Schema, "005930", Cancellation);
            await recorder.AddAsync(StockTrade.Krx.Schema, "000660", Cancellation);
            for (var i = 1; i <= 300; i++)
            {
                source.Time += TimeSpan.FromSeconds(1);
                if (i == 150)
                    source.Interrupt();
                source.Publish(StockTrade.Krx, Streams.Trade("005930", i));
                source.Publish(StockTrade.Krx, Streams.Trade("000660", i));
            }

            await source.WaitUntilReadAsync(Cancellation);
        }
    }
}
