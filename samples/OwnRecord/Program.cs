// A record type of one's own, and the simulator that serves it, in one program.
using KisFeed;
using KisFeed.Feeds;
using KisFeed.Simulator;
using OwnRecord;

var catalog = KisFeeds.Catalog.With(GoldTrade.Feed.Schema);
await using var simulator = await SimulatorServer.StartAsync(SimulatorOptions.Default with { Catalog = catalog });
await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
{
    AppKey = "PLACEHOLDER",
    AppSecret = "PLACEHOLDER",
    WebSocketUrl = simulator.WebSocketUrl,
    Catalog = catalog,
});
await using var gold = await client.SubscribeAsync(GoldTrade.Feed, "G01612");
await foreach (var trade in gold.ReadAllAsync())
    Console.WriteLine($"{trade.Code} {trade.Time:HH:mm:ss} {trade.Price} {trade.AccumulatedVolume}");
