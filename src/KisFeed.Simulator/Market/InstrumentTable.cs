using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>The instruments of a market. Each is created when it is first requested.</summary>
/// <param name="warmup">The time before the start of the market, which is simulated for each instrument when it is created.</param>
/// <param name="seed">The seed of the market.</param>
/// <param name="catalog">The feeds of the market.</param>
internal sealed class InstrumentTable(MarketWarmup warmup, ulong seed, FeedCatalog catalog)
{
    private const double EquityVolatility = 0.010;
    private const double YieldVolatility = 0.03;

    private readonly Dictionary<MarketStreamKey, LiveInstrument> _instruments = [];
    private readonly MarketFactor _equities = new(StableHash.Combine(seed, "equities"), EquityVolatility);
    private readonly MarketFactor _yields = new(StableHash.Combine(seed, "yields"), YieldVolatility);

    public static IReadOnlyList<ListedInstrument> Listed(DateOnly day) =>
    [
        .. IndexListing.All.Select(index => new ListedInstrument(index.Code, index.Name, ListedInstrumentKind.Index)),
        .. BondListing.All.Select(bond => new ListedInstrument(bond.Code, bond.Name, ListedInstrumentKind.Bond)),
        .. StockListing.All.Select(stock => new ListedInstrument(stock.Code, stock.Name, ListedInstrumentKind.Stock)),
        .. FuturesContract.ListedOn(day)
            .Select(contract => new ListedInstrument(contract.Code, contract.Name, ListedInstrumentKind.Future)),
    ];

    public LiveInstrument Get(MarketStreamKey key)
    {
        if (_instruments.TryGetValue(key, out var instrument))
            return instrument;
        instrument = Create(
            key,
            StableHash.Combine(
                StableHash.Combine(seed, (long)key.Subject), key.Generated is { } feed ? $"{feed.TrId} {key.Key}" : key.Key));
        _instruments.Add(key, instrument);
        if (warmup.Moves > 0)
            instrument.WarmUp(warmup);
        return instrument;
    }

    public bool Contains(MarketStream stream) =>
        MarketStreamKey.TryCreate(catalog, stream.TrId, stream.Key, out var key) && _instruments.GetValueOrDefault(key) == stream.Source;

    private LiveInstrument Create(MarketStreamKey key, ulong ownSeed) => key.Subject switch
    {
        FeedSubject.Index => new LiveIndex(
            IndexListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? IndexListing.Generate(key.Key, ownSeed),
            _equities,
            ownSeed),
        FeedSubject.Bond => new LiveBond(
            BondListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? BondListing.Generate(key.Key, ownSeed),
            _yields,
            warmup.Until.Day,
            ownSeed),
        FeedSubject.Stock => new LiveStock(
            StockListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? StockListing.Generate(key.Key, ownSeed),
            _equities,
            ownSeed),
        FeedSubject.Account =>
            new FuturesAccount(key.Key, (LiveIndex)Get(new MarketStreamKey(FeedSubject.Index, FuturesContract.UnderlyingIndex)), ownSeed),
        FeedSubject.Generated => new GeneratedInstrument(key.Generated!, key.Key, ownSeed),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.Subject, "unsupported feed"),
    };
}

/// <summary>The time between the opening and the start of a market that starts within its first day.</summary>
/// <param name="Until">The start.</param>
/// <param name="Step">The time between two events.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MarketWarmup(MarketMoment Until, TimeSpan Step)
{
    /// <summary>
    /// The number of events in that time. No instrument of a market that started at the opening can have moved more often.
    /// </summary>
    public long Moves => (Until.SinceOpen.Ticks + Step.Ticks - 1) / Step.Ticks;

    /// <summary>The last whole second before an event, as time since the opening.</summary>
    public TimeSpan SecondOf(long move) => TimeSpan.FromSeconds(move * Step.Ticks / TimeSpan.TicksPerSecond);
}

/// <summary>The kind of subject that the key of a feed names.</summary>
internal enum FeedSubject
{
    /// <summary>None: the market does not have this feed.</summary>
    None,

    /// <summary>An index, by its sector code.</summary>
    Index,

    /// <summary>A bond, by its standard code.</summary>
    Bond,

    /// <summary>A stock, by its short code.</summary>
    Stock,

    /// <summary>A futures account, by its owner's HTS ID.</summary>
    Account,

    /// <summary>A feed that the market does not model: records are generated from its columns.</summary>
    Generated,
}
