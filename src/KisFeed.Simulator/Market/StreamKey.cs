using KisFeed.Feeds;
using KisFeed.Server;

namespace KisFeed.Simulator.Market;

/// <summary>What a registration asks for: the kind of thing its TR ID tells of, and which one.</summary>
/// <param name="Subject">The kind of thing.</param>
/// <param name="Key">Which one.</param>
internal readonly record struct StreamKey(FeedSubject Subject, string Key)
{
    /// <summary>What a TR ID and key ask for, where the market tells of such a feed and the key has the form of its keys.</summary>
    public static bool TryMake(string trId, string key, out StreamKey made)
    {
        var subject = SubjectOf(trId);
        made = new StreamKey(subject, key);
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
