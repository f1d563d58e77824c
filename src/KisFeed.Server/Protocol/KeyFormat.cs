using System.Buffers;
using KisFeed.Feeds;

namespace KisFeed.Server;

/// <summary>What the keys of the feeds look like; the service refuses others.</summary>
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

    /// <summary>Whether a feed can have this key. Of a feed whose keys are not known in detail, whether any feed could.</summary>
    public static bool Fits(string trId, string key)
    {
        if (trId == IndexTrade.Feed.TrId)
            return key.Length == IndexLength && !key.AsSpan().ContainsAnyExcept(s_digits);
        if (trId == BondTrade.Feed.TrId)
            return key.Length == BondLength && !key.AsSpan(0, CountryLength).ContainsAnyExcept(s_letters) && !key.AsSpan(CountryLength).ContainsAnyExcept(s_lettersAndDigits);
        if (trId == ProgramTrade.Nxt.TrId || trId == ProgramTrade.Consolidated.TrId || trId == ProgramTrade.Krx.TrId)
            return key.Length == StockLength && !key.AsSpan().ContainsAnyExcept(s_lettersAndDigits);

        // An HTS ID, say: the broker does not say what those are made of.
        return key.Length > 0 && !key.AsSpan().ContainsAny('^', '|') && !key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
    }
}
