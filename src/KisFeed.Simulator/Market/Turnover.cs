namespace KisFeed.Simulator.Market;

/// <summary>
/// What is traded in an index: brisk after the opening and before the close, slow at noon. The first update of a day carries the opening
/// auction and all that has been traded since, so that the updates always add up to the day.
/// </summary>
internal sealed class Turnover(IndexListing listing, SeededRandom random)
{
    private const double AuctionShare = 0.02;
    private const double SharesPerUnit = 1_000;
    private const double WonPerUnit = 1_000_000;

    private double _fraction;
    private double _volumeCarry;
    private double _valueCarry;

    /// <summary>In 1,000 shares since the last update.</summary>
    public long Volume { get; private set; }

    /// <summary>In 1,000,000 KRW since the last update.</summary>
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

    /// <summary>Trades on until the moment.</summary>
    public void GoOn(in MarketMoment moment)
    {
        var fraction = moment.DayFraction;
        var pace = PaceAt((fraction + _fraction) / 2) * random.NextBetween(0.2, 1.8);
        _volumeCarry += listing.DailyVolume * (fraction - _fraction) * pace;
        _fraction = fraction;
        Volume = TakeWhole(ref _volumeCarry);
        _valueCarry += Volume * SharesPerUnit * listing.AveragePrice * random.NextBetween(0.9, 1.1) / WonPerUnit;
        Value = TakeWhole(ref _valueCarry);
        AccumulatedVolume += Volume;
        AccumulatedValue += Value;
    }

    // The pace of trading at a fraction of the day: its integral over the day is about 1.
    private static double PaceAt(double fraction) => 0.65 + (2.4 * EighthPower(1 - fraction)) + (0.75 * EighthPower(fraction));

    private static double EighthPower(double value)
    {
        var square = value * value;
        var fourth = square * square;
        return fourth * fourth;
    }

    private static long TakeWhole(ref double carry)
    {
        var whole = (long)carry;
        carry -= whole;
        return whole;
    }
}
