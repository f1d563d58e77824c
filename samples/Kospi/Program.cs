using KisFeed;
using KisFeed.Feeds;

var url = args.Length > 0 ? new Uri(args[0]) : null; // none: the broker's
var placeholder = url?.IsLoopback == true ? "PLACEHOLDER" : ""; // a simulator accepts any credentials
var appKey = Environment.GetEnvironmentVariable("KISFEED_APPKEY") ?? placeholder;
var appSecret = Environment.GetEnvironmentVariable("KISFEED_APPSECRET") ?? placeholder;

try
{
    await using var client = await KisFeedClient.ConnectAsync(
        new KisFeedOptions { AppKey = appKey, AppSecret = appSecret, WebSocketUrl = url });
    await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
    await foreach (var tick in kospi.ReadAllAsync())
        Console.WriteLine($"{tick.Time:HH:mm:ss} {tick.Price} ({tick.ChangeRate:+0.00;-0.00;0.00}%)");
}
catch (KisFeedException e)
{
    Console.Error.WriteLine(e.Message);
}
