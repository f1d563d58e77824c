using KisFeed;
using KisFeed.Feeds;
using KisFeed.Hosting;

namespace Worker;

internal sealed class ProgramTradeHandler : IFeedHandler<ProgramTrade>
{
    public void OnRecord(in ProgramTrade trade) => Console.WriteLine($"{trade.Code} {trade.Time:HH:mm:ss} {trade.NetVolume:+#,0;-#,0;0}");

    public void OnEvent(FeedEvent feedEvent) => Console.Error.WriteLine(feedEvent);
}
