using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>The format of the keys of each feed. The broker refuses other keys.</summary>
internal static class KeyFormat
{
    // All their keys have the usual form.
    private static readonly FeedSchema[] s_strict =
    [
        IndexTrade.Feed.Schema, BondTrade.Feed.Schema, ProgramTrade.Nxt.Schema, ProgramTrade.Consolidated.Schema, ProgramTrade.Krx.Schema,
    ];

    /// <summary>Whether a key has the format of a feed. For a feed whose format is unknown, whether the key is plausible at all.</summary>
    public static bool Fits(string trId, string key)
    {
        if (Array.Find(s_strict, feed => feed.TrId == trId) is { } strict)
            return strict.IsUsualKey(key);

        // For example an HTS ID, whose format the broker does not document. Only the usual form of a key has a blank: OESU24 C5500.
        return key.Length > 0
            && !key.AsSpan().ContainsAny('^', '|')
            && (!key.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
                || (KisFeeds.Catalog.TryFind(trId, out var feed) && feed.KeyForm.Length > 0 && feed.IsUsualKey(key)));
    }
}
