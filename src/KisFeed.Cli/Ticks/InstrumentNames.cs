using KisFeed.Simulator.Market;
using KisFeed.Wire;

namespace KisFeed.Cli.Ticks;

/// <summary>Names of well-known instruments, for records that carry only a code.</summary>
internal sealed class InstrumentNames
{
    private static readonly Dictionary<string, string> s_english = new(StringComparer.Ordinal)
    {
        ["0001"] = "KOSPI",
        ["1001"] = "KOSDAQ",
        ["2001"] = "KOSPI 200",
    };

    private readonly Dictionary<string, string> _names = new KoreanMarket(MarketOptions.Default).Instruments
        .ToDictionary(i => i.Code, i => s_english.TryGetValue(i.Code, out var english) ? $"{english} {i.Name}" : i.Name, StringComparer.Ordinal);

    /// <summary>The English name of an index; <see langword="null"/> where none is known.</summary>
    public static string? EnglishOf(string code) => s_english.GetValueOrDefault(code);

    /// <summary>The name of what a key stands for; empty where it is not known.</summary>
    public string Find(string key) => _names.GetValueOrDefault(key, "");
}

/// <summary>Names the venue of feeds that exist once for each: the same instrument comes from KRX, from NXT and from both together.</summary>
internal static class Venues
{
    // As the broker's documents end the titles of such feeds.
    private static readonly (string Title, string Name)[] s_venues = [("(KRX)", "KRX"), ("(NXT)", "NXT"), ("(통합)", "KRX+NXT")];

    /// <summary>The venue; empty for a feed that there is only one of.</summary>
    public static string NameOf(FeedSchema feed) => s_venues.FirstOrDefault(v => feed.Korean.EndsWith(v.Title, StringComparison.Ordinal)).Name ?? "";
}
