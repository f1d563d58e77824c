using System.Text.RegularExpressions;
using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using KisFeed.Simulator;
using KisFeed.Wire;
using Spectre.Console;

namespace KisFeed.Cli.Tests.Watching;

/// <summary>A record of every feed, from a simulator, in the live table.</summary>
public sealed partial class EveryViewTests
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

    [Fact]
    public async Task Every_order_book_is_shown_from_its_highest_offer_to_its_lowest_bid_in_one_price_column()
    {
        var frames = await ReceiveAsync();
        var books = KisFeeds.Catalog.Feeds.Where(feed => TickViews.Of(feed).IsBook).ToArray();
        books.Select(feed => feed.Alias).ShouldBe(
            KisFeeds.Catalog.Feeds.Select(feed => feed.Alias)
                .Where(alias => alias.Contains("book", StringComparison.Ordinal) || alias == "asia-quote"));

        foreach (var feed in books)
        {
            var (frame, levels) = BookOf(feed, frames[feed.TrId]);
            var target = new WatchTarget(feed, feed.KeyExample);
            var live = new LiveTicks(
                new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null, OutputIsTerminal = true },
                [target],
                Samples.Readers(),
                new Palette(MarketColors.Korean));
            Samples.Hand(live, target, frame);

            string[] lines = [.. live.Draw().Lines(Width).Select(line => string.Concat(line.Select(segment => segment.Text)))];

            var shown = lines.Skip(1).Take(2 * levels).Select(line => LevelOf(line)).ToArray();
            shown.ShouldBe(
                [
                    .. Enumerable.Range(1, levels).Reverse().Select(level => $"{600 + level} {500 + level}"),
                    .. Enumerable.Range(1, levels).Select(level => $"{500 - level} {700 + level}"),
                ],
                $"{feed.Alias}:\n{string.Join('\n', lines)}");
            if (feed.Columns.Any(column => column.Name == "TotalAskQuantity"))
                lines[1 + (2 * levels)].TrimEnd().ShouldMatch("^합계 Total +801 +802$", feed.Alias);
        }
    }

    // The two numbers at the end of a row, before the age of the record.
    private static string LevelOf(string line) =>
        string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => Level().IsMatch(word)));

    [GeneratedRegex(@"^[4-7]\d\d$", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Level();

    // Levels around 500: the best offer is 601 at 501, the best bid 701 at 499.
    private static (string Frame, int Levels) BookOf(FeedSchema feed, string frame)
    {
        var parts = frame.Split('|', 4);
        var all = parts[3].Split('^');
        var fields = all[..(all.Length / int.Parse(parts[2], CultureInfo.InvariantCulture))];
        var levels = 0;
        for (var i = 0; i < Math.Min(fields.Length, feed.Columns.Length); i++)
        {
            var name = feed.Columns[i].Name;
            var word = name.TrimEnd("0123456789".ToCharArray());
            var level = int.TryParse(name.AsSpan(word.Length), CultureInfo.InvariantCulture, out var number) ? number : 0;
            fields[i] = word switch
            {
                "AskPrice" => $"{500 + level}",
                "AskQuantity" => $"{600 + level}",
                "BidPrice" => $"{500 - level}",
                "BidQuantity" => $"{700 + level}",
                "TotalAskQuantity" => "801",
                "TotalBidQuantity" => "802",
                _ => fields[i],
            };
            levels = name.StartsWith("AskPrice", StringComparison.Ordinal) ? Math.Max(levels, level) : levels;
        }

        return ($"{parts[0]}|{parts[1]}|001|{string.Join('^', fields)}", levels);
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
