using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Ticks;

/// <summary>Names of well-known instruments, for records that contain only a code.</summary>
internal sealed class InstrumentNames
{
    private static readonly Dictionary<string, string> s_english = new(StringComparer.Ordinal)
    {
        ["0001"] = "KOSPI",
        ["1001"] = "KOSDAQ",
        ["2001"] = "KOSPI 200",
    };

    private readonly Dictionary<string, string> _names = new KoreanMarket(MarketOptions.Default).Instruments
        .ToDictionary(
            i => i.Code, i => s_english.TryGetValue(i.Code, out var english) ? $"{english} {i.Name}" : i.Name, StringComparer.Ordinal);

    public static string? EnglishOf(string code) => s_english.GetValueOrDefault(code);

    /// <summary>Returns the name of the instrument with a key; empty if unknown.</summary>
    public string Find(string key) => _names.GetValueOrDefault(key, "");
}

/// <summary>Names the venue of feeds that exist once per venue: KRX, NXT, and both combined.</summary>
internal static class Venues
{
    // The suffixes of such feeds' titles in the broker's documents.
    private static readonly (string Title, string Name)[] s_venues = [("(KRX)", "KRX"), ("(NXT)", "NXT"), ("(통합)", "KRX+NXT")];

    /// <summary>Returns the venue; empty for a feed that exists only once.</summary>
    public static string NameOf(FeedSchema feed) =>
        s_venues.FirstOrDefault(v => feed.Korean.EndsWith(v.Title, StringComparison.Ordinal)).Name ?? "";
}
