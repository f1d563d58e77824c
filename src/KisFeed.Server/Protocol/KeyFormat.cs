using System.Buffers;
using KisFeed.Feeds;

namespace KisFeed.Server.Protocol;

/// <summary>The format of the keys of each feed. The broker refuses other keys.</summary>
internal static class KeyFormat
{
    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int IndexLength = 4;
    private const int BondLength = 12;
    private const int StockLength = 6;
    private const int CountryLength = 2;

    private static readonly SearchValues<char> s_digits = SearchValues.Create(Digits);
    private static readonly SearchValues<char> s_letters = SearchValues.Create(Letters);
    private static readonly SearchValues<char> s_lettersAndDigits = SearchValues.Create(Digits + Letters);

    /// <summary>Whether a key has the format of a feed. For a feed whose format is unknown, whether the key is plausible at all.</summary>
    public static bool Fits(string trId, string key)
    {
        if (trId == IndexTrade.Feed.TrId)
            return key.Length == IndexLength && !key.AsSpan().ContainsAnyExcept(s_digits);
        if (trId == BondTrade.Feed.TrId)
        {
            return key.Length == BondLength
                && !key.AsSpan(0, CountryLength).ContainsAnyExcept(s_letters)
                && !key.AsSpan(CountryLength).ContainsAnyExcept(s_lettersAndDigits);
        }
        if (trId == ProgramTrade.Nxt.TrId || trId == ProgramTrade.Consolidated.TrId || trId == ProgramTrade.Krx.TrId)
        {
            return (key.Length == StockLength || (key.Length == StockLength + 1 && key[0] == 'Q'))
                && !key.AsSpan().ContainsAnyExcept(s_lettersAndDigits);
        }

        // For example an HTS ID, whose format the broker does not document. Only the usual form of a key has a blank: OESU24 C5500.
        return key.Length > 0
            && !key.AsSpan().ContainsAny('^', '|')
            && (!key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
                || (KisFeeds.Catalog.TryFind(trId, out var feed) && feed.KeyForm.Length > 0 && feed.IsUsualKey(key)));
    }
}
