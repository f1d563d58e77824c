namespace KisFeed.Simulator.Market;

/// <summary>
/// The trading in an index: heavy after the opening and before the close, light at noon. The first update of a day includes the opening auction and all
/// trading since, so that the updates always add up to the day.
/// </summary>
internal sealed class Turnover(IndexListing listing, SeededRandom random)
{
    private const double AuctionShare = 0.02;
    private const double SharesPerUnit = 1_000;
    private const double WonPerUnit = 1_000_000;

    // The largest deviation of an update from the average.
    private const double PaceStray = 0.8;
    private const double PriceStray = 0.1;

    private double _fraction;
    private double _volumeCarry;
    private double _valueCarry;

    /// <summary>The volume since the last update, in 1,000 shares.</summary>
    public long Volume { get; private set; }

    /// <summary>The value since the last update, in 1,000,000 KRW.</summary>
    public long Value { get; private set; }

    public long AccumulatedVolume { get; private set; }

    public long AccumulatedValue { get; private set; }

    public void BeginDay()
    {
        _fraction = 0;
        _volumeCarry = listing.DailyVolume * AuctionShare * random.NextBetween(0.5, 1.5);
        _valueCarry = 0;
        AccumulatedVolume = AccumulatedValue = 0;
    }

    /// <summary>Continues trading until the moment.</summary>
    public void Advance(in MarketMoment moment)
    {
        var fraction = moment.DayFraction;
        var pace = PaceAt((fraction + _fraction) / 2) * random.NextBetween(1 - PaceStray, 1 + PaceStray);
        _volumeCarry += listing.DailyVolume * (fraction - _fraction) * pace;
        _fraction = fraction;
        Volume = ExtractWhole(ref _volumeCarry);
        _valueCarry += Volume * SharesPerUnit * listing.AveragePrice * random.NextBetween(1 - PriceStray, 1 + PriceStray) / WonPerUnit;
        Value = ExtractWhole(ref _valueCarry);
        AccumulatedVolume += Volume;
        AccumulatedValue += Value;
    }

    /// <summary>Trades from the opening until the moment, at least as much as any sequence of updates can add up to.</summary>
    public void AdvanceFromOpening(in MarketMoment moment)
    {
        _fraction = moment.DayFraction;
        _volumeCarry += listing.DailyVolume * TradedUntil(_fraction) * (1 + PaceStray);
        AccumulatedVolume = ExtractWhole(ref _volumeCarry);
        _valueCarry += AccumulatedVolume * SharesPerUnit * listing.AveragePrice * (1 + PriceStray) / WonPerUnit;
        AccumulatedValue = ExtractWhole(ref _valueCarry);
    }

    // The integral of the pace from the opening. The pace is convex, so the sum of updates, each at the pace of its midpoint, does not exceed it.
    private static double TradedUntil(double fraction) =>
        (0.65 * fraction) + (2.4 * (1 - ((1 - fraction) * EighthPower(1 - fraction))) / 9) + (0.75 * fraction * EighthPower(fraction) / 9);

    // The pace of trading at a fraction of the day. Its integral over the day is about 1.
    private static double PaceAt(double fraction) => 0.65 + (2.4 * EighthPower(1 - fraction)) + (0.75 * EighthPower(fraction));

    private static double EighthPower(double value)
    {
        var square = value * value;
        var fourth = square * square;
        return fourth * fourth;
    }

    private static long ExtractWhole(ref double carry)
    {
        var whole = (long)carry;
        carry -= whole;
        return whole;
    }
}

/// <summary>
/// The number of stocks of an index that are up, unchanged and down. The five counts are disjoint: an issue at its limit is counted only there. They
/// sum to the listed issues. Issues at a limit opened there and stay all day, so that the other three counts have a constant sum too.
/// </summary>
internal sealed class Breadth(int issues, ulong seed)
{
    // The return at which about three quarters of the moving stocks move in its direction.
    private const double TypicalReturn = 0.006;

    private readonly ulong _seed = StableHash.Combine(seed, "breadth");
    private readonly NoisePath _lean = new(StableHash.Combine(seed, "lean"));
    private readonly NoisePath _quiet = new(StableHash.Combine(seed, "quiet"));
    private int _quotedUp;
    private int _quotedDown;

    public int UpperLimit { get; private set; }

    public int Advancing { get; private set; }

    public int Unchanged { get; private set; }

    public int Declining { get; private set; }

    public int LowerLimit { get; private set; }

    /// <summary>Advancing issues that have only been quoted so far.</summary>
    public int QuotedUp => Math.Min(_quotedUp, Advancing);

    /// <summary>Declining issues that have only been quoted so far.</summary>
    public int QuotedDown => Math.Min(_quotedDown, Declining);

    public void BeginDay(DateOnly day)
    {
        var random = new SeededRandom(StableHash.Combine(_seed, day.DayNumber));
        UpperLimit = random.Next(0, issues / 150);
        LowerLimit = random.Next(0, issues / 400);
        _quotedUp = random.Next(0, issues / 200);
        _quotedDown = random.Next(0, issues / 200);
    }

    /// <summary>Updates the counts from the return of the index since its previous close.</summary>
    public void Follow(in MarketMoment moment, double indexReturn)
    {
        var movable = issues - UpperLimit - LowerLimit;
        var strength = (indexReturn / TypicalReturn) + (0.3 * _lean.At(moment));
        var advancingShare = 0.5 + (0.5 * strength / (1 + Math.Abs(strength)));
        var unchangedShare = 0.06 + (0.005 * _quiet.At(moment));
        Unchanged = (int)Math.Round(movable * unchangedShare);
        Advancing = (int)Math.Round((movable - Unchanged) * advancingShare);
        Declining = movable - Unchanged - Advancing;
    }
}
