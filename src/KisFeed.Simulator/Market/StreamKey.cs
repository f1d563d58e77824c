using System.Buffers;
using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>What a registration asks for: the kind of thing its TR ID tells of, and which one.</summary>
/// <param name="Subject">The kind of thing.</param>
/// <param name="Key">Which one.</param>
internal readonly record struct StreamKey(FeedSubject Subject, string Key)
{
    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int IndexLength = 4;
    private const int BondLength = 12;
    private const int StockLength = 6;
    private const int CountryLength = 2;

    private static readonly SearchValues<char> AllDigits = SearchValues.Create(Digits);
    private static readonly SearchValues<char> AllLetters = SearchValues.Create(Letters);
    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create(Digits + Letters);

    /// <summary>What a TR ID and key ask for, where the market tells of such a feed and the key has the form of its keys.</summary>
    public static bool TryMake(string trId, string key, out StreamKey made)
    {
        var subject = SubjectOf(trId);
        made = new StreamKey(subject, key);
        return subject switch
        {
            FeedSubject.Index => key.Length == IndexLength && !key.AsSpan().ContainsAnyExcept(AllDigits),
            FeedSubject.Bond => key.Length == BondLength && !key.AsSpan(0, CountryLength).ContainsAnyExcept(AllLetters)
                && !key.AsSpan(CountryLength).ContainsAnyExcept(LettersAndDigits),
            FeedSubject.Stock => key.Length == StockLength && !key.AsSpan().ContainsAnyExcept(LettersAndDigits),
            FeedSubject.Account => key.Length > 0 && !key.AsSpan().ContainsAny('^', '|') && !key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)),
            _ => false,
        };
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
