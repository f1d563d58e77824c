using KisFeed.Wire;

namespace KisFeed.Cli.Ticks;

/// <summary>Names the venue of feeds that exist once for each: the same instrument comes from KRX, from NXT and from both together.</summary>
internal static class Venues
{
    // As the broker's documents end the titles of such feeds.
    private static readonly (string Title, string Name)[] s_venues = [("(KRX)", "KRX"), ("(NXT)", "NXT"), ("(통합)", "KRX+NXT")];

    /// <summary>The venue; empty for a feed that there is only one of.</summary>
    public static string NameOf(FeedSchema feed) => s_venues.FirstOrDefault(v => feed.Korean.EndsWith(v.Title, StringComparison.Ordinal)).Name ?? "";
}
