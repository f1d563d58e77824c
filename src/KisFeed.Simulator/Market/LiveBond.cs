using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A bond. Its yield moves with those of other bonds. It trades at the price of its yield, and the published yield is computed from that price.
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

/// <summary>The initial data of a bond.</summary>
/// <param name="Code">The standard code.</param>
/// <param name="Name">The Korean name: issuer, coupon, maturity, series.</param>
/// <param name="Coupon">The coupon in thousandths of a percent per year, paid half-yearly.</param>
/// <param name="Maturity">The maturity date.</param>
/// <param name="Yield">The yield at the previous close of the first day, in percent.</param>
internal sealed record BondListing(string Code, string Name, int Coupon, DateOnly Maturity, double Yield)
{
    private const string TreasuryPrefix = "KR10350";

    private const int CouponStep = 125;

    private static readonly string[] Issuers = ["한국전력", "한국도로공사", "한국토지주택", "기업은행", "산업은행", "주택금융공사", "신한은행", "현대카드", "SK", "LG화학"];

    /// <summary>The listed treasury bonds (국고채권). Yields are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<BondListing> All { get; } =
    [
        Treasury("KR103502GD31", 3_250, 2053, 3, "23-2", 3.512),
        Treasury("KR103502GA34", 1_500, 2050, 3, "20-2", 3.498),
        Treasury("KR103502GG61", 3_125, 2029, 6, "26-4", 3.214),
        Treasury("KR103501GG39", 3_250, 2031, 3, "26-1", 3.417),
        Treasury("KR103501GG62", 3_500, 2036, 6, "26-5", 3.601),
        Treasury("KR103501GF63", 2_625, 2035, 6, "25-5", 3.588),
        Treasury("KR103501GE64", 3_500, 2034, 6, "24-5", 3.570),
        Treasury("KR103501GD65", 3_250, 2033, 6, "23-5", 3.552),
        Treasury("KR103502GE30", 3_250, 2054, 3, "24-2", 3.508),
        Treasury("KR103502GF39", 2_625, 2055, 3, "25-2", 3.501),
        Treasury("KR103501GG96", 3_500, 2046, 9, "26-8", 3.596),
        Treasury("KR103502GE97", 2_750, 2074, 9, "24-8", 3.402),
    ];

    /// <summary>Generates an unlisted bond from the seed; a treasury bond if the code is that of one.</summary>
    public static BondListing Generate(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));
        var treasury = code.StartsWith(TreasuryPrefix, StringComparison.Ordinal);
        var years = treasury ? random.Next(3, 30) : random.Next(2, 8);
        var coupon = random.Next(12, 36) * CouponStep;
        var yield = 2.9 + (0.02 * years) + random.NextBetween(-0.1, 0.1) + (treasury ? 0 : 0.35);
        var series = random.Next(1, 9);
        var month = random.Next(1, 12);
        return treasury
            ? Treasury(code, coupon, 2026 + years, month, $"26-{series}", yield)
            : new BondListing(code, $"{Issuers[random.Next(0, Issuers.Length - 1)]}{random.Next(100, 1_400)}-{series}", coupon, new DateOnly(2026 + years, month, 10), yield);
    }

    private static BondListing Treasury(string code, int coupon, int year, int month, string series, double yield) =>
        new(code, $"국고{coupon:D5}-{year % 100:D2}{month:D2}({series})", coupon, new DateOnly(year, month, 10), yield);
}
