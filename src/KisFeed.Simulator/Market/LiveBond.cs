using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A bond. Its yield moves with those of other bonds. It trades at the price of its yield, and the published
/// yield is computed from that price.
/// </summary>
internal sealed class LiveBond : LiveInstrument
{
    private const double OwnVolatility = 0.008;

    // The only code in a published sample.
    private const string TradeType = "2";

    private readonly BondListing _listing;
    private readonly MarketFactor _yields;
    private readonly NoisePath _own;
    private readonly SeededRandom _random;
    private readonly PriceRange _range;
    private readonly MarketStream _stream;
    private BondTerms _terms;
    private double _anchorYield;
    private double _exactYield;
    private long _openYield;
    private long _highYield;
    private long _lowYield;
    private long _accumulatedVolume;
    private long _previousVolume;

    public LiveBond(BondListing listing, MarketFactor yields, DateOnly firstDay, ulong seed)
        : base(listing.Code, BondTrade.Feed.TrId)
    {
        _listing = listing;
        _yields = yields;
        _own = new NoisePath(seed);
        _random = new SeededRandom(seed);
        _terms = BondTerms.On(firstDay, listing.Coupon, listing.Maturity);
        _range = new PriceRange(NearestTick(_terms.PriceAt(listing.Yield)));
        _exactYield = listing.Yield;
        _accumulatedVolume = _random.Next(500_000, 12_000_000);
        _stream = StreamOf(BondTrade.Feed.TrId);
    }

    public override int Weight => 4;

    private long Yield => (long)Math.Round(_exactYield * 1_000);

    protected override void BeginDay(in MarketMoment opening)
    {
        _anchorYield = Overnight.Anchor(_terms.YieldAt(_range.Last / 100.0, _exactYield), _listing.Yield);
        _terms = BondTerms.On(opening.Day, _listing.Coupon, _listing.Maturity);
        _range.Roll();
        _previousVolume = _accumulatedVolume;
        _accumulatedVolume = 0;
        AddPriceAt(opening);
        _openYield = Yield;
    }

    protected override void MoveWithinDay(in MarketMoment moment, RecordWriter writer)
    {
        AddPriceAt(moment);
        var volume = NextVolume();
        _accumulatedVolume += volume;
        writer.Write(_stream, Record(moment, volume));
    }

    protected override void WarmUpWithinDay(in MarketWarmup warmup)
    {
        for (var moves = warmup.Moves; moves > 0; moves--)
            _accumulatedVolume += NextVolume();
    }

    protected override void AddPriceAt(in MarketMoment moment)
    {
        var asked = _anchorYield + _yields.At(moment) + (OwnVolatility * _own.At(moment));
        _range.Add(NearestTick(_terms.PriceAt(asked)));
        _exactYield = _terms.YieldAt(_range.Last / 100.0, asked);
        if (_range.Last == _range.High)
            _highYield = Yield;
        if (_range.Last == _range.Low)
            _lowYield = Yield;
    }

    // Private investors buy for thousands to millions of won, institutions for hundreds of millions.
    private long NextVolume() => _random.Happens(0.8) ? _random.Next(1, 5_000) : 100_000L * _random.Next(1, 50);

    // The exchange's price steps for bonds: 1 won above ten years to maturity, 0.5 above two, 0.1 below.
    private long NearestTick(double price)
    {
        var tick = _terms.Years switch
        {
            > 10 => 100,
            > 2 => 50,
            _ => 10,
        };
        return (long)Math.Round(price * 100 / tick) * tick;
    }

    private BondTrade Record(in MarketMoment moment, long volume)
    {
        var change = _range.Last - _range.PreviousClose;
        return new BondTrade
        {
            Code = _listing.Code,
            Name = _listing.Name,
            Time = moment.Time,
            Sign = FixedPoint.SignOf(change),
            Change = FixedPoint.Hundredths(change),
            ChangeRate = FixedPoint.Hundredths(FixedPoint.RateOf(change, _range.PreviousClose)),
            Price = FixedPoint.Hundredths(_range.Last),
            Volume = volume,
            Open = FixedPoint.Hundredths(_range.Open),
            High = FixedPoint.Hundredths(_range.High),
            Low = FixedPoint.Hundredths(_range.Low),
            PreviousClose = FixedPoint.Hundredths(_range.PreviousClose),
            Yield = FixedPoint.Thousandths(Yield),
            OpenYield = FixedPoint.Thousandths(_openYield),
            HighYield = FixedPoint.Thousandths(_highYield),
            LowYield = FixedPoint.Thousandths(_lowYield),
            AccumulatedVolume = _accumulatedVolume,
            PreviousVolume = _previousVolume,
            TradeType = TradeType,
        };
    }
}
