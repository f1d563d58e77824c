using KisFeed;
using KisFeed.Feeds;
using KisFeed.Hosting;
using Microsoft.Extensions.Logging;

namespace Tour;

internal sealed class TradeLogger(ILogger<TradeLogger> logger) : IFeedHandler<StockTrade>
{
    public void OnRecord(in StockTrade trade) => logger.LogInformation("{Time} {Price}", trade.Time, trade.Price);

    public void OnEvent(FeedEvent feedEvent) => logger.LogWarning("{Event}", feedEvent);
}
