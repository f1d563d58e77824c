using KisFeed.Capture;
using KisFeed.Capture.Bars;
using KisFeed.Feeds;

namespace KisFeed.Testing.Tests;

/// <summary>Bars of live data equal those of a recording of the same frames.</summary>
public sealed class BarTests
{
    [Theory]
    [InlineData("index")]
    [InlineData("program")]
    public async Task Bars_equal_those_of_a_recording_and_mark_the_gap(string alias)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-bars-");
        try
        {
            KisFeeds.Catalog.TryFind(alias, out var feed).ShouldBeTrue();
            await using var client = new InMemoryKisFeedClient();
            await using var recorder = CaptureRecorder.Start(
                client, new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.FullName } });
            string[] keys = ["0001", "1001"];
            foreach (var key in keys)
                await recorder.AddAsync(feed!, key);
            await using var live = await client.SubscribeBarsAsync(feed!, keys, TimeSpan.FromMinutes(1));

            // Every 7 seconds a record of each key, with a loss after 5 minutes in which totals go on.
            for (var i = 0; i < 100; i++)
            {
                var time = new TimeOnly(9, 0).Add(TimeSpan.FromSeconds(7 * i + (i >= 50 ? 60 : 0)));
                var total = 10 * (i + 1) + (i >= 50 ? 500 : 0);
                if (i == 50)
                    client.Interrupt();
                foreach (var key in keys)
                {
                    if (alias == "index")
                    {
                        client.Publish(IndexTrade.Feed, new IndexTrade
                        {
                            Code = key,
                            Time = time,
                            Price = 2500 + i % 13,
                            Volume = 10,
                            AccumulatedVolume = total,
                            Value = 20,
                            AccumulatedValue = 2 * total,
                        });
                    }
                    else
                    {
                        client.Publish(ProgramTrade.Consolidated, new ProgramTrade
                        {
                            Code = key,
                            Time = time,
                            SellVolume = total,
                            BuyVolume = 2 * total,
                            NetVolume = total,
                            SellValue = total,
                            BuyValue = 2 * total,
                            NetValue = total,
                        });
                    }
                }
            }

            client.Complete();
            var bars = new List<Bar>();
            await foreach (var bar in live.ReadAllAsync(TestContext.Current.CancellationToken))
                bars.Add(bar);
            await recorder.StopAsync();

            var recorded = new List<Bar>();
            await foreach (var bar in new CaptureBars(CaptureReader.Open(folder.FullName))
                .ReadAsync(cancellationToken: TestContext.Current.CancellationToken))
            {
                recorded.Add(bar);
            }

            bars.Count.ShouldBe(26);
            Sorted(bars).ShouldBe(Sorted(recorded));
            bars.Where(b => b.Key == "0001" && b.HasGap).ShouldNotBeEmpty();
            bars.Where(b => b.Key == "0001").Sum(b => b.MissedVolume).ShouldBe(alias == "index" ? 500 : 1530);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_interval_or_feed_without_bars_is_refused_before_anything_is_registered()
    {
        await using var client = new InMemoryKisFeedClient();
        (await Should.ThrowAsync<ArgumentException>(
            () => client.SubscribeBarsAsync(IndexTrade.Feed.Schema, ["0001"], TimeSpan.FromSeconds(7)))).Message.ShouldContain("00:00:07");
        (await Should.ThrowAsync<ArgumentException>(
            () => client.SubscribeBarsAsync(OrderNotice.Feed.Schema, ["ID"], TimeSpan.FromMinutes(1)))).Message.ShouldContain("H0IFCNI0");
        client.Registrations.ShouldBeEmpty();
    }

    private static IEnumerable<Bar> Sorted(IEnumerable<Bar> bars) => bars.OrderBy(b => b.Key, StringComparer.Ordinal).ThenBy(b => b.Start);
}
