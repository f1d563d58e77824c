// One strategy, live or over a capture.
//
//   dotnet run --project samples/Backtest -- capture                     over a capture of 'kisfeed record index:0001'
//   dotnet run --project samples/Backtest -- ws://127.0.0.1:21000
//       live, from a simulator or a replay; without an argument from the broker
using KisFeed;
using KisFeed.Capture;
using KisFeed.Feeds;

if (args is [var path] && Path.Exists(path))
{
    try
    {
        await RunAsync(CaptureReader.Open(path).ReadItemsAsync(IndexTrade.Feed, "0001"));
        return 0;
    }
    catch (CaptureException e)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

Uri? service = null;
if (args.Length > 0 && (!Uri.TryCreate(args[0], UriKind.Absolute, out service) || service.Scheme is not ("ws" or "wss")))
{
    Console.Error.WriteLine($"{args[0]} is neither a capture nor the address of a service such as ws://127.0.0.1:21000");
    return 1;
}

var options = new KisFeedOptions
{
    AppKey = Setting("KISFEED_APPKEY", "PLACEHOLDER"),
    AppSecret = Setting("KISFEED_APPSECRET", "PLACEHOLDER"),
    WebSocketUrl = service,
};
try
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
    await RunAsync(kospi.ReadItemsAsync());
    return 0;
}
catch (KisFeedException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// A simulator on this machine accepts placeholders.
string Setting(string name, string placeholder) =>
    Environment.GetEnvironmentVariable(name) ?? (service?.IsLoopback == true ? placeholder : "");

// Follows the fast average above the slow one, and holds no position when data are missing.
static async Task RunAsync(IAsyncEnumerable<FeedItem<IndexTrade>> items)
{
    const decimal FastWeight = 0.1m, SlowWeight = 0.02m;
    decimal? fast = null, slow = null, entry = null;
    var profit = 0m;
    var trades = 0;
    await foreach (var item in items)
    {
        if (item.Event is Gap gap)
        {
            Console.WriteLine($"data are missing from {gap.From:HH:mm:ss} on ({gap.Reason}): the averages restart");
            fast = slow = entry = null;
        }

        if (!item.IsRecord || item.Record.Price is not { } price)
            continue;
        fast = fast is null ? price : fast + (FastWeight * (price - fast));
        slow = slow is null ? price : slow + (SlowWeight * (price - slow));
        if (entry is null && fast > slow)
        {
            entry = price;
        }
        else if (entry is { } bought && fast < slow)
        {
            profit += price - bought;
            trades++;
            entry = null;
            Console.WriteLine(
                $"{item.Record.Time:HH:mm:ss} {bought} → {price}, in all {profit:+0.00;-0.00;0.00} points in {trades} trades");
        }
    }
}
