using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Bars;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>A simulated day keeps its date through gateways, their recordings and all their interfaces, whenever it is received.</summary>
public sealed class StatedDayTests : IDisposable
{
    // That of the simulator, unlike the day on which this runs.
    private const string Day = "2026-11-20";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-day-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Consumers_of_a_second_gateway_get_the_day()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var second = await GatewayServer.StartAsync(new GatewayOptions { Upstream = TestGateway.ClientOf(testGateway.Url) });
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(second.WebSocketUrl));
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        await using var trades = index.ReadAllAsync().GetAsyncEnumerator();
        for (var i = 0; i < 5; i++)
        {
            (await trades.MoveNextAsync()).ShouldBeTrue();
            DateOf(trades.Current.Timestamp).ShouldBe(Day);
        }

        await using var snapshot = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var others = snapshot.ReadAllAsync().GetAsyncEnumerator();
        (await others.MoveNextAsync()).ShouldBeTrue();
        DateOf(others.Current.Timestamp).ShouldBe(Day);
    }

    [Fact]
    public async Task The_recording_of_a_gateway_and_what_is_read_from_it_have_the_day()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 2_000 },
            options => TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001"), ("H0BJCNT0", "KR103502GA34")) with
            {
                // One file for each feed: every file states the day.
                Recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName } },
            });
        var gateway = testGateway.Gateway;
        await testGateway.UntilRecordedAsync(100);

        var records = (await GetAsync("/v1/records?subscribe=index:0001&limit=20")).Split("\"timestamp\":\"").Skip(1).ToList();
        records.ShouldNotBeEmpty();
        records.ShouldAllBe(text => text.StartsWith(Day, StringComparison.Ordinal));
        (await GetAsync("/v1/last/index/0001")).ShouldContain($"\"timestamp\": \"{Day}");
        var lines = (await GetAsync("/v1/records?subscribe=index:0001,bond:KR103502GA34&format=capture")).Split('\n');
        lines.Count(line => line.Contains("\"event\":\"day\"", StringComparison.Ordinal)).ShouldBe(2);
        await ReadAllAsync(gateway);
        await gateway.StopAsync();

        await foreach (var frame in CaptureReader.Open(_folder.FullName).ReadFramesAsync())
            frame.StatedDay.ShouldBe(new DateOnly(2026, 11, 20), Encoding.UTF8.GetString(frame.Bytes.Span[..10]));
        var bars = new CaptureBars(CaptureReader.Open(_folder.FullName));
        var count = 0;
        await foreach (var bar in bars.ReadAsync())
        {
            DateOf(bar.Start).ShouldBe(Day);
            count++;
        }

        count.ShouldBeGreaterThan(0);
        bars.Counts.Late.ShouldBe(0);

        async Task<string> GetAsync(string path) => (await testGateway.GetAsync(path)).Body;
    }

    // A subscription of the library that begins in the past, and goes on in the present.
    private static async Task ReadAllAsync(GatewayServer gateway)
    {
        await using var client = await KisFeedClient.ConnectAsync(TestGateway.ClientOf(gateway.WebSocketUrl));
        var options = new SubscribeOptions { From = HistoryStart.Ago(TimeSpan.FromHours(1)) };
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001", options);
        var isLive = false;
        var live = 0;
        await foreach (var item in index.ReadItemsAsync())
        {
            isLive |= item.Event is LiveBegins;
            if (item.IsRecord)
                DateOf(item.Record.Timestamp).ShouldBe(Day);
            if (isLive && item.IsRecord && ++live == 5)
                break;
        }
    }

    private static string DateOf(DateTimeOffset? time) => KoreaTime.From(time!.Value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
