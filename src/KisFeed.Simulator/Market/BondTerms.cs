using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>
/// Converts between price and yield of a bond on a settlement day by the convention of the Korean market: half-yearly coupons,
/// compound interest for whole periods, simple interest for the broken period. Prices are per 10,000 face value including accrued
/// interest; a higher price means a lower yield.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct BondTerms
{
    private const int MonthsInPeriod = 6;
    private const int PeriodsInYear = 2;
    private const double Face = 10_000;
    private const double FacePerCouponUnit = Face / 100_000;
    private const int MostNewtonSteps = 20;
    private const double YieldAccuracy = 1e-10;

    private readonly double _coupon;
    private readonly int _periods;
    private readonly double _brokenPeriod;

    private BondTerms(double coupon, int periods, double brokenPeriod, double years)
    {
        _coupon = coupon;
        _periods = periods;
        _brokenPeriod = brokenPeriod;
        Years = years;
    }

    public double Years { get; }

    /// <summary>
    /// The terms on a day. A bond with less than a year to maturity is valued as if it had a year, so that
    /// a simulation over years keeps it.
    /// </summary>
    public static BondTerms On(DateOnly day, int coupon, DateOnly maturity)
    {
        var lastDay = maturity.AddYears(-1);
        if (day > lastDay)
            day = lastDay;

        var periods = 0;
        while (maturity.AddMonths(-MonthsInPeriod * (periods + 1)) > day)
            periods++;
        var next = maturity.AddMonths(-MonthsInPeriod * periods);
        var previous = maturity.AddMonths(-MonthsInPeriod * (periods + 1));
        var broken = (double)(next.DayNumber - day.DayNumber) / (next.DayNumber - previous.DayNumber);
        return new BondTerms(coupon * FacePerCouponUnit / PeriodsInYear, periods, broken, (periods + broken) / PeriodsInYear);
    }

    /// <summary>The price in KRW per 10,000 face value at a yield in percent.</summary>
    public double PriceAt(double yield) => PriceAt(yield, out _);

    /// <summary>The yield in percent at a price: Newton's method from a guess nearby.</summary>
    public double YieldAt(double price, double guess)
    {
        var yield = guess;
        for (var i = 0; i < MostNewtonSteps; i++)
        {
            var error = PriceAt(yield, out var slope) - price;
            yield -= error / slope;
            if (Math.Abs(error / slope) < YieldAccuracy)
                break;
        }

        return yield;
    }

    // Horner's scheme from the last payment back to the next, for value and derivative, then the broken period.
    private double PriceAt(double yield, out double slope)
    {
        var rate = yield / 100 / PeriodsInYear;
        var discount = 1 / (1 + rate);
        var value = Face + _coupon;
        var derivative = 0.0;
        for (var i = 0; i < _periods; i++)
        {
            derivative = (derivative - (value * discount)) * discount;
            value = (value * discount) + _coupon;
        }

        var broken = 1 / (1 + (_brokenPeriod * rate));
        slope = (derivative - (value * _brokenPeriod * broken)) * broken / 100 / PeriodsInYear;
        return value * broken;
    }
}
