// The ways to read a subscription: Forms callback|items|frames|tap|notices [ws://…]
using KisFeed;
using KisFeed.Feeds;

var form = args.FirstOrDefault();
if (form is not ("callback" or "items" or "frames" or "tap" or "notices"))
{
    Console.Error.WriteLine("Forms callback|items|frames|tap|notices [ws://…]");
    return 1;
}

var url = args.Length > 1 ? new Uri(args[1]) : null; // Default: the broker's address.
var options = new KisFeedOptions
{
    AppKey = Setting("KISFEED_APPKEY", "PLACEHOLDER"),
    AppSecret = Setting("KISFEED_APPSECRET", "PLACEHOLDER"),
    WebSocketUrl = url,
};

try
{
    await using var client = await KisFeedClient.ConnectAsync(options);
    await (form switch
    {
        "callback" => CallbackAsync(client),
        "items" => ItemsAsync(client),
        "frames" => FramesAsync(client),
        "tap" => TapAsync(client),
        _ => NoticesAsync(client, Setting("KISFEED_HTSID", "MYHTSID")),
    });
    return 0;
}
catch (SubscribeRefusedException e)
{
    Console.Error.WriteLine($"{e.Code} {e.BrokerText}: {e.Code.Advice}");
}
catch (KisFeedException e)
{
    Console.Error.WriteLine(e.Message);
}

return 1;

// A simulator on this machine accepts placeholders.
string Setting(string name, string placeholder) => Environment.GetEnvironmentVariable(name) ?? (url?.IsLoopback == true ? placeholder : "");

static async Task CallbackAsync(KisFeedClient client)
{
    await using var samsung = await client.SubscribeAsync(
        ProgramTrade.Consolidated,
        "005930",
        (in trade) => Console.WriteLine($"{trade.Time:HH:mm:ss} {trade.NetVolume:+#,0;-#,0;0}"),
        feedEvent => Console.WriteLine(feedEvent));
    await samsung.Completion;
}

static async Task ItemsAsync(KisFeedClient client)
{
    await using var bond = await client.SubscribeAsync(BondTrade.Feed, "KR103502GA34");
    await foreach (var item in bond.ReadItemsAsync())
    {
        if (item.IsRecord)
            Console.WriteLine($"{item.Record.Name} {item.Record.Price} {item.Record.Yield}%");
        else
            Console.WriteLine(item.Event);
    }
}

static async Task FramesAsync(KisFeedClient client)
{
    await using var output = Console.OpenStandardOutput();
    await using var frames = await client.SubscribeAsync(IndexTrade.Feed.Schema, "0001");
    await foreach (var item in frames.ReadAllAsync())
    {
        if (!item.IsFrame)
            continue;
        await output.WriteAsync(item.Frame.Bytes);
        output.WriteByte((byte)'\n');
    }
}

static async Task TapAsync(KisFeedClient client)
{
    await using var output = Console.OpenStandardOutput();
    await using var tap = client.OpenTap();
    foreach (var key in (string[])["0001", "1001", "2001"])
        await tap.AddAsync(IndexTrade.Feed.Schema, key);
    await foreach (var item in tap.ReadAllAsync())
    {
        if (item.IsFrame)
            await output.WriteAsync((byte[])[.. item.Frame.Bytes.Span, (byte)'\n']);
        else
            await Console.Error.WriteLineAsync($"{item.TrId} {item.Key} {item.Event}");
    }
}

static async Task NoticesAsync(KisFeedClient client, string htsId)
{
    await using var notices = await client.SubscribeAsync(OrderNotice.Feed, htsId);
    await foreach (var notice in notices.ReadAllAsync())
    {
        if (notice.Kind == OrderNoticeKind.Fill)
            Console.WriteLine($"{notice.Time:HH:mm:ss} {notice.Side} {notice.FillQuantity} × {notice.Symbol} @ {notice.FillPrice}");
    }
}
