// Ten things that programs do with KisFeed, for docs/tour.md: Tour 1…10 [ws://…]
using KisFeed;
using KisFeed.Capture.Bars;
using KisFeed.Feeds;
using KisFeed.Hosting;
using KisFeed.Testing;
using Microsoft.Extensions.Hosting;
using Tour;

var url = args.Length > 1 ? new Uri(args[1]) : null; // Default: the broker's address.
var options = new KisFeedOptions
{
    AppKey = Setting("KISFEED_APPKEY", "PLACEHOLDER"),
    AppSecret = Setting("KISFEED_APPSECRET", "PLACEHOLDER"),
    WebSocketUrl = url,
};
Func<Task>? thing = args.FirstOrDefault() switch
{
    "1" => () => PrintTradesAsync(options),
    "2" => () => PrintTradesOfManyStocksAsync(options),
    "3" => () => PrintTradesAndBookAsync(options),
    "4" => () => SaveTradesAsync(options),
    "5" => () => PrintMissedVolumeAsync(options),
    "6" => () => ChangeKeysAsync(options),
    "7" => () => PrintOwnOrdersAsync(options, Setting("KISFEED_HTSID", "MYHTSID")),
    "8" => () => PrintBarsAsync(options),
    "9" => () => RunServiceAsync(Settings(options)),
    "10" => TestStrategyAsync,
    _ => null,
};
if (thing is null)
{
    Console.Error.WriteLine("Tour 1…10 [ws://…]");
    return 1;
}

try
{
    await thing();
    return 0;
}
catch (KisFeedException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// A simulator on this machine accepts placeholders.
string Setting(string name, string placeholder) => Environment.GetEnvironmentVariable(name) ?? (url?.IsLoopback == true ? placeholder : "");

// For a host, as command-line arguments; without an address it reads its own configuration.
static string[] Settings(KisFeedOptions options) => options.WebSocketUrl is null
    ? []
    : [$"--KisFeed:WebSocketUrl={options.WebSocketUrl}", $"--KisFeed:AppKey={options.AppKey}", $"--KisFeed:AppSecret={options.AppSecret}"];

static async Task PrintTradesAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var trade in client.ReadAsync(StockTrade.Krx, "005930").Take(5))
        Console.WriteLine($"{trade.Time:HH:mm:ss} {trade.Price} × {trade.Volume}");
}

static async Task PrintTradesOfManyStocksAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var trade in client.ReadAsync(StockTrade.Krx, ["005930", "000660", "035420"]).Take(10))
        Console.WriteLine($"{trade.Code} {trade.Price}");
}

static async Task PrintTradesAndBookAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var item in client.ReadAsync(StockTrade.Krx, StockOrderBook.Krx, ["005930"]).Take(20))
        Console.WriteLine(item.TryGet(out StockTrade trade) ? $"trade {trade.Price}" : $"ask {item.Get<StockOrderBook>().Asks[0].Price}");
}

static async Task SaveTradesAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options with { QueueCapacity = 1_000 });
    await foreach (var trade in client.ReadAsync(StockTrade.Krx, "005930").Take(5))
        await File.AppendAllTextAsync("trades.txt", $"{trade.Time:HH:mm:ss} {trade.Price}\n");
}

static async Task PrintMissedVolumeAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var gap in client.ReadItemsAsync(IndexTrade.Feed, "0001").Select(item => item.Event).OfType<Gap>().Take(1))
        Console.WriteLine($"{gap.Reason} from {gap.From:HH:mm:ss.fff} to {gap.To:HH:mm:ss.fff}: missed {gap.MissedVolume}");
}

static async Task ChangeKeysAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await using var trades = await client.SubscribeAsync(StockTrade.Krx, ["005930"]);
    await Task.WhenAll(trades.AddAsync("000660"), trades.RemoveAsync("005930"));
    await foreach (var trade in trades.ReadAllAsync().SkipWhile(trade => trade.Code == "005930").Take(5))
        Console.WriteLine($"{trade.Code} {trade.Price}");
}

static async Task PrintOwnOrdersAsync(KisFeedOptions options, string htsId)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var notice in client.ReadAsync(OrderNotice.Feed, htsId).Take(3))
        Console.WriteLine($"{notice.Time:HH:mm:ss} {notice.Kind} {notice.Side} {notice.Symbol}");
}

static async Task PrintBarsAsync(KisFeedOptions options)
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await foreach (var bar in client.ReadBarsAsync(StockTrade.Krx.Schema, ["005930"], TimeSpan.FromMinutes(1)).Take(3))
        Console.WriteLine($"{bar.Start:HH:mm} {bar.Open} {bar.High} {bar.Low} {bar.Close} {bar.Volume}");
}

static async Task RunServiceAsync(string[] args)
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.Services.AddKisFeed(builder.Configuration).AddHandler<StockTrade, TradeLogger>(StockTrade.Krx, "005930");
    await builder.Build().RunAsync();
}

static async Task TestStrategyAsync()
{
    await using var client = new InMemoryKisFeedClient();
    client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_100 }, new() { Code = "005930", Price = 80_300 });
    var bought = await client.ReadAsync(StockTrade.Krx, "005930").FirstAsync(trade => trade.Price > 80_200);
    Console.WriteLine(bought.Price == 80_300 ? "passed" : throw new InvalidOperationException($"bought at {bought.Price}"));
}
