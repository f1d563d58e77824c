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

/// <summary>The initial data of an index.</summary>
/// <param name="Code">The sector code.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Level">The previous close of the first day, in hundredths of a point.</param>
/// <param name="Beta">Its sensitivity to the market as a whole.</param>
/// <param name="OwnVolatility">The standard deviation of its own movement over a day, as a fraction.</param>
/// <param name="Issues">The number of its stocks.</param>
/// <param name="DailyVolume">Its volume on an ordinary day, in 1,000 shares.</param>
/// <param name="AveragePrice">The average price of its traded shares, in KRW.</param>
internal sealed record IndexListing(string Code, string Name, long Level, double Beta, double OwnVolatility, int Issues, long DailyVolume, int AveragePrice)
{
    /// <summary>The listed indices. Levels are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<IndexListing> All { get; } =
    [
        new("0001", "코스피", 5_812_37, 1.0, 0.0015, 943, 520_000, 46_000),
        new("1001", "코스닥", 1_124_68, 1.15, 0.005, 1_796, 980_000, 13_000),
        new("2001", "코스피 200", 858_14, 1.03, 0.0015, 200, 165_000, 96_000),
    ];

    public static IndexListing Generate(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));
        return new IndexListing(
            code,
            $"업종 {code}",
            random.Next(400_00, 4_000_00),
            random.NextBetween(0.6, 1.3),
            random.NextBetween(0.003, 0.008),
            random.Next(20, 160),
            random.Next(5_000, 80_000),
            random.Next(6_000, 90_000));
    }
}
