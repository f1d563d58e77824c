namespace KisFeed.Simulator.Market;

/// <summary>
/// The trading in an index: heavy after the opening and before the close, light at noon. The first update of a day includes the opening
/// auction and all trading since, so that the updates always add up to the day.
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

    // The integral of the pace from the opening. The pace is convex, so the sum of updates, each at the pace
    // of its midpoint, does not exceed it.
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
