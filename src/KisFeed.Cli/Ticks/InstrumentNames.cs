using KisFeed.Feeds;
using KisFeed.Gateway;

namespace KisFeed.Cli.Ticks;

/// <summary>Names of instruments, for records that contain only a code.</summary>
internal sealed class InstrumentNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Takes the names of the given instruments; of several with one code, the first.</summary>
    public InstrumentNames(IEnumerable<Instrument> instruments)
    {
        foreach (var instrument in instruments)
        {
            // The names in files may have control codes, which a terminal must not get.
            var name = PrintableText.Clean(NameOf(instrument));
            _names.TryAdd(instrument.Code, name);
            if (instrument.Kind == InstrumentKind.OverseasStock
                && OverseasTrade.Feed.Schema.DayTimeKeyOf(instrument.Code) is { } dayTime)
            {
                _names.TryAdd(dayTime, name);
            }
        }
    }

    /// <summary>Returns the name of the instrument with a key; empty if unknown.</summary>
    public string Find(string key) => _names.GetValueOrDefault(key, "");

    private static string NameOf(Instrument instrument) =>
        instrument is { Kind: InstrumentKind.Index, EnglishName: { } english } ? $"{english} {instrument.Name}" : instrument.Name;
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
