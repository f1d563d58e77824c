using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using KisFeed.Simulator;
using Spectre.Console;

namespace KisFeed.Cli.Tests.Watching;

/// <summary>A record of every feed, from a simulator, in the live table.</summary>
public sealed class EveryViewTests
{
    private const int Width = 80;

    [Fact]
    public async Task Every_feed_is_legible_on_a_terminal_of_80_columns()
    {
        var frames = await ReceiveAsync();
        frames.Keys.ShouldBe(KisFeeds.Catalog.Feeds.Select(feed => feed.TrId), ignoreOrder: true);
        var targets = KisFeeds.Catalog.Feeds.Select(feed => new WatchTarget(feed, feed.KeyExample)).ToArray();
        var readers = Samples.Readers();
        var live = new LiveTicks(
            new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null, OutputIsTerminal = true },
            targets,
            readers,
            new Palette(MarketColors.Korean));
        foreach (var target in targets)
            Samples.Hand(live, target, frames[target.Feed.TrId]);

        var lines = live.Draw().Lines(Width).Select(line => string.Concat(line.Select(segment => segment.Text))).ToArray();

        lines.Max(line => line.GetCellWidth()).ShouldBeLessThanOrEqualTo(Width);
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            foreach (var column in readers.Of(feed).View.Columns)
            {
                lines.ShouldContain(
                    line => line.Contains(column.Header) || line.Contains(LiveColumns.ShortHeading(column.Header)),
                    $"{feed.TrId}: {column.Header} in\n{string.Join('\n', lines)}");
            }
        }
    }

    // A session has 41 slots. Order notices belong to the one with the HTS ID.
    private static async Task<Dictionary<string, string>> ReceiveAsync()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 5_000 });
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = TestCredentials.AppSecret,
            HtsId = Service.HtsId,
            AdditionalAppKeys = [new AppCredentials { AppKey = TestCredentials.NewAppKey(), AppSecret = TestCredentials.AppSecret }],
            Environment = KisEnvironment.Simulator,
            WebSocketUrl = simulator.WebSocketUrl,
            RequestInterval = TimeSpan.Zero,
        });
        await using var tap = client.OpenTap();
        await Task.WhenAll(KisFeeds.Catalog.Feeds.Select(feed => tap.AddAsync(feed, feed.IsNotice ? Service.HtsId : feed.KeyExample)));
        var frames = new Dictionary<string, string>(StringComparer.Ordinal);
        using var deadline = new CancellationTokenSource(Patience.Limit);
        await foreach (var frame in tap.ReadFramesAsync(deadline.Token))
        {
            var text = Encoding.UTF8.GetString(frame.Bytes.Span);
            frames.TryAdd(text.Split('|')[1], text);
            if (frames.Count == KisFeeds.Catalog.Feeds.Length)
                break;
        }

        return frames;
    }
}
