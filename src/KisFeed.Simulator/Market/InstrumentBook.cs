namespace KisFeed.Simulator.Market;

/// <summary>Everything that has been asked for so far, made when it is first asked for.</summary>
/// <param name="warmup">What everything has behind it.</param>
/// <param name="seed">What everything comes from.</param>
internal sealed class InstrumentBook(MarketWarmup warmup, ulong seed)
{
    private const double EquityVolatility = 0.010;
    private const double YieldVolatility = 0.03;

    private readonly Dictionary<StreamKey, LiveInstrument> _instruments = [];
    private readonly MarketFactor _equities = new(StableHash.Combine(seed, "equities"), EquityVolatility);
    private readonly MarketFactor _yields = new(StableHash.Combine(seed, "yields"), YieldVolatility);

    /// <summary>What is listed on a day.</summary>
    public static IReadOnlyList<Instrument> Listed(DateOnly day) =>
    [
        .. IndexListing.All.Select(index => new Instrument(index.Code, index.Name, InstrumentKind.Index)),
        .. BondListing.All.Select(bond => new Instrument(bond.Code, bond.Name, InstrumentKind.Bond)),
        .. StockListing.All.Select(stock => new Instrument(stock.Code, stock.Name, InstrumentKind.Stock)),
        .. FuturesContract.ListedOn(day).Select(contract => new Instrument(contract.Code, contract.Name, InstrumentKind.Future)),
    ];

    public LiveInstrument Get(StreamKey key)
    {
        if (_instruments.TryGetValue(key, out var instrument))
            return instrument;
        instrument = Make(key, StableHash.Combine(StableHash.Combine(seed, (long)key.Subject), key.Key));
        _instruments.Add(key, instrument);
        if (warmup.Moves > 0)
            instrument.Pass(warmup);
        return instrument;
    }

    /// <summary>Whether a stream came from here.</summary>
    public bool Holds(MarketStream stream) =>
        StreamKey.TryMake(stream.TrId, stream.Key, out var key) && _instruments.GetValueOrDefault(key) == stream.Source;

    private LiveInstrument Make(StreamKey key, ulong ownSeed) => key.Subject switch
    {
        FeedSubject.Index => new LiveIndex(
            IndexListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? IndexListing.MakeUp(key.Key, ownSeed), _equities, ownSeed),
        FeedSubject.Bond => new LiveBond(
            BondListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? BondListing.MakeUp(key.Key, ownSeed), _yields, warmup.Until.Day, ownSeed),
        FeedSubject.Stock => new LiveStock(
            StockListing.All.FirstOrDefault(listing => listing.Code == key.Key) ?? StockListing.MakeUp(key.Key, ownSeed), _equities, ownSeed),
        FeedSubject.Account => new FuturesAccount(key.Key, (LiveIndex)Get(new StreamKey(FeedSubject.Index, FuturesContract.UnderlyingIndex)), ownSeed),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.Subject, "the market has no such thing"),
    };
}
