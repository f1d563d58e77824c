using System.Collections.Frozen;
using System.Collections.Immutable;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The feeds that have the instruments of each kind.</summary>
internal static class InstrumentFeeds
{
    private const int OverseasPrefixLength = 4;

    // The main feeds of each kind. A kind's other feeds have keys with the same meaning.
    private static readonly FrozenDictionary<InstrumentKind, ImmutableArray<FeedSchema>> s_main =
        new Dictionary<InstrumentKind, ImmutableArray<FeedSchema>>
        {
            [InstrumentKind.Index] = [IndexTrade.Feed.Schema],
            [InstrumentKind.Stock] = [StockTrade.Consolidated.Schema, StockOrderBook.Consolidated.Schema, ProgramTrade.Consolidated.Schema],
            [InstrumentKind.Bond] = [BondTrade.Feed.Schema, BondOrderBook.Feed.Schema],
            [InstrumentKind.Future] = [FuturesTrade.Index.Schema, FuturesOrderBook.Index.Schema],
            [InstrumentKind.Option] = [OptionTrade.Index.Schema, OptionOrderBook.Index.Schema],
            [InstrumentKind.StockFuture] = [StockFuturesTrade.Feed.Schema, StockFuturesOrderBook.Feed.Schema],
            [InstrumentKind.StockOption] = [OptionTrade.Stock.Schema, StockOptionOrderBook.Feed.Schema],
            [InstrumentKind.CommodityFuture] = [FuturesTrade.Commodity.Schema, FuturesOrderBook.Commodity.Schema],
            [InstrumentKind.NightFuture] = [FuturesTrade.Night.Schema, FuturesOrderBook.Night.Schema],
            [InstrumentKind.NightOption] = [OptionTrade.Night.Schema, OptionOrderBook.Night.Schema],
            [InstrumentKind.Elw] = [ElwTrade.Feed.Schema, ElwOrderBook.Feed.Schema],
            [InstrumentKind.OverseasStock] = [OverseasTrade.Feed.Schema, OverseasOrderBook.Feed.Schema, OverseasDelayedQuote.Feed.Schema],
            [InstrumentKind.OverseasFuture] = [OverseasFuturesTrade.Feed.Schema, OverseasFuturesOrderBook.Feed.Schema],
            [InstrumentKind.OverseasOption] = [OverseasFuturesTrade.Feed.Schema, OverseasFuturesOrderBook.Feed.Schema],
        }.ToFrozenDictionary();

    /// <summary>The keys that are the examples of feeds, and their kinds.</summary>
    public static IEnumerable<(InstrumentKind Kind, string Code)> Examples =>
        s_main.SelectMany(main => main.Value.Select(feed => (main.Key, feed.KeyExample))).Distinct().OrderBy(example => example.Key);

    /// <summary>The main feeds that have an instrument; empty if its code cannot be a key.</summary>
    public static IEnumerable<FeedSchema> Of(InstrumentKind kind, string code) =>
        s_main.TryGetValue(kind, out var feeds) ? feeds.Where(feed => CanHave(feed, code)) : [];

    /// <summary>Whether a feed, main or not, has an instrument.</summary>
    public static bool Has(FeedSchema feed, InstrumentKind kind, string code) =>
        s_main[kind].Any(main => main.KeyMeaning == feed.KeyMeaning) && CanHave(feed, code);

    /// <summary>
    /// Whether a text can be a key of a feed. If the key format of the feed is unknown, whether it can be a key of any feed.
    /// </summary>
    public static bool CanHave(FeedSchema feed, string key) => KeyFormat.Fits(feed.TrId, key) && feed.IsUsualKey(key);

    /// <summary>Whether the gateway accepts a text as a key of a feed, unusual as it may be.</summary>
    public static bool IsAccepted(FeedSchema feed, string key) => KeyFormat.Fits(feed.TrId, key);

    public static bool HasInstruments(FeedSchema feed) => s_main.Values.Any(feeds => feeds.Any(main => main.KeyMeaning == feed.KeyMeaning));

    /// <summary>What people call an instrument: its code, without what the broker puts before a symbol.</summary>
    public static string SymbolOf(InstrumentKind kind, string code) =>
        kind == InstrumentKind.OverseasStock && code.Length > OverseasPrefixLength ? code[OverseasPrefixLength..] : code;
}
