using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>The subject of a registration: the kind that its TR ID covers, and the key.</summary>
/// <param name="Subject">The kind of subject.</param>
/// <param name="Key">The key.</param>
/// <param name="Generated">The feed, if the market does not model it.</param>
internal readonly record struct MarketStreamKey(FeedSubject Subject, string Key, FeedSchema? Generated = null)
{
    /// <summary>Creates a key if the market has this feed and the key has the right format.</summary>
    public static bool TryCreate(FeedCatalog catalog, string trId, string key, out MarketStreamKey streamKey)
    {
        var subject = SubjectOf(trId);
        if (subject == FeedSubject.None && catalog.TryFind(trId, out var feed) && feed.TrId == trId)
        {
            streamKey = new MarketStreamKey(FeedSubject.Generated, key, feed);
            return KeyFormat.Fits(trId, key) && feed.IsUsualKey(key);
        }

        streamKey = new MarketStreamKey(subject, key);
        return subject != FeedSubject.None && KeyFormat.Fits(trId, key);
    }

    private static FeedSubject SubjectOf(string trId)
    {
        if (trId == IndexTrade.Feed.TrId)
            return FeedSubject.Index;
        if (trId == BondTrade.Feed.TrId)
            return FeedSubject.Bond;
        if (trId == ProgramTrade.Nxt.TrId || trId == ProgramTrade.Consolidated.TrId || trId == ProgramTrade.Krx.TrId)
            return FeedSubject.Stock;
        return trId == OrderNotice.Feed.TrId || trId == OrderNotice.Feed.Schema.MockTrId ? FeedSubject.Account : FeedSubject.None;
    }
}
