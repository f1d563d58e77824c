// A service: configured by appsettings.json, KISFEED_… variables or ~/KIS/config/kis_devlp.yaml, ended by Ctrl-C or SIGTERM.
using KisFeed.Feeds;
using KisFeed.Hosting;
using Microsoft.Extensions.Hosting;
using Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddKisFeed(builder.Configuration)
    .AddSubscription(IndexTrade.Feed, "0001", (in trade) => Console.WriteLine($"KOSPI {trade.Time:HH:mm:ss} {trade.Price}"))
    .AddHandler<ProgramTrade, ProgramTradeHandler>(ProgramTrade.Consolidated, "005930", "000660");
await builder.Build().RunAsync();
