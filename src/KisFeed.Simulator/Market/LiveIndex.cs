using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>A stock index: its level, its trading and the number of its stocks that are up and down.</summary>
internal sealed class LiveIndex : LiveInstrument
{
    private readonly IndexListing _listing;
    private readonly MarketFactor _equities;
    private readonly NoisePath _own;
    private readonly SeededRandom _random;
    private readonly Turnover _turnover;
    private readonly Breadth _breadth;
    private readonly PriceRange _range;
    private readonly MarketStream _stream;
    private double _anchor;

    public LiveIndex(IndexListing listing, MarketFactor equities, ulong seed)
        : base(listing.Code, IndexTrade.Feed.TrId)
    {
        _listing = listing;
        _equities = equities;
        _own = new NoisePath(seed);
        _random = new SeededRandom(seed);
        _turnover = new Turnover(listing, _random);
        _breadth = new Breadth(listing.Issues, seed);
        _range = new PriceRange(listing.Level);
        _stream = StreamOf(IndexTrade.Feed.TrId);
    }

    public override int Weight => 8;

    /// <summary>The level at a moment, in hundredths of a point.</summary>
    public double LevelAt(in MarketMoment moment)
    {
        EnterDay(moment);
        return _anchor * (1 + ReturnAt(moment));
    }

    protected override void BeginDay(in MarketMoment opening)
    {
        _range.Roll();
        _anchor = Overnight.Anchor(_range.PreviousClose, _listing.Level);
        _range.Add((long)Math.Round(LevelAt(opening)));
        _turnover.BeginDay();
        _breadth.BeginDay(opening.Day);
    }

    protected override void MoveWithinDay(in MarketMoment moment, RecordWriter writer)
    {
        var before = _range.Last;
        AddPriceAt(moment);
        _turnover.Advance(moment);
        _breadth.Follow(moment, (double)(_range.Last - _range.PreviousClose) / _range.PreviousClose);
        writer.Write(_stream, Record(moment, _range.Last - before));
    }

    protected override void AddPriceAt(in MarketMoment moment) => _range.Add((long)Math.Round(LevelAt(moment)));

    // Trading depends on time, not on the number of moves.
    protected override void WarmUpWithinDay(in MarketWarmup warmup) => _turnover.AdvanceFromOpening(warmup.Until);

    private IndexTrade Record(in MarketMoment moment, long tick)
    {
        var previous = _range.PreviousClose;
        var change = _range.Last - previous;
        var openChange = _range.Open - previous;
        var highChange = _range.High - previous;
        var lowChange = _range.Low - previous;
        return new IndexTrade
        {
            Code = _listing.Code,
            Time = moment.Time,
            Price = FixedPoint.Hundredths(_range.Last),
            Sign = FixedPoint.SignOf(change),
            Change = FixedPoint.Hundredths(change),
            AccumulatedVolume = _turnover.AccumulatedVolume,
            AccumulatedValue = _turnover.AccumulatedValue,
            Volume = _turnover.Volume,
            Value = _turnover.Value,
            ChangeRate = FixedPoint.Hundredths(FixedPoint.RateOf(change, previous)),
            Open = FixedPoint.Hundredths(_range.Open),
            High = FixedPoint.Hundredths(_range.High),
            Low = FixedPoint.Hundredths(_range.Low),
            OpenChange = FixedPoint.Hundredths(openChange),
            OpenSign = FixedPoint.SignOf(openChange),
            HighChange = FixedPoint.Hundredths(highChange),
            HighSign = FixedPoint.SignOf(highChange),
            LowChange = FixedPoint.Hundredths(lowChange),
            LowSign = FixedPoint.SignOf(lowChange),
            OpenChangeRate = FixedPoint.Hundredths(FixedPoint.RateOf(openChange, previous)),
            HighChangeRate = FixedPoint.Hundredths(FixedPoint.RateOf(highChange, previous)),
            LowChangeRate = FixedPoint.Hundredths(FixedPoint.RateOf(lowChange, previous)),
            UpperLimitCount = _breadth.UpperLimit,
            AdvancingCount = _breadth.Advancing,
            UnchangedCount = _breadth.Unchanged,
            DecliningCount = _breadth.Declining,
            LowerLimitCount = _breadth.LowerLimit,
            QuotedUpCount = _breadth.QuotedUp,
            QuotedDownCount = _breadth.QuotedDown,

            // Not documented; the sample's 19 fits the move since the update before, in hundredths of a point.
            TickDifference = tick,
        };
    }

    private double ReturnAt(in MarketMoment moment) => (_listing.Beta * _equities.At(moment)) + (_listing.OwnVolatility * _own.At(moment));
}
