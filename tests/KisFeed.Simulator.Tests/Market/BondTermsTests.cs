using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Simulator.Tests.Market;

public sealed class BondTermsTests
{
    private static readonly DateOnly CouponDay = new(2026, 12, 10);

    [Fact]
    public void A_bond_whose_yield_is_its_coupon_is_worth_its_face_value_on_a_coupon_day() =>
        BondTerms.On(CouponDay, 3_250, new DateOnly(2036, 12, 10)).PriceAt(3.25).ShouldBe(10_000, 1e-6);

    [Fact]
    public void Interest_accrues_between_coupon_days()
    {
        var terms = BondTerms.On(new DateOnly(2027, 3, 11), 3_250, new DateOnly(2036, 12, 10));
        terms.PriceAt(3.25).ShouldBe(10_000 * (1 + (0.0325 / 2 / 2)), 1);
    }

    [Fact]
    public void A_price_is_the_sum_of_the_discounted_payments()
    {
        var day = new DateOnly(2026, 11, 20);
        var maturity = new DateOnly(2030, 6, 10);
        const double Yield = 3.4;
        var fraction = (new DateOnly(2026, 12, 10).DayNumber - day.DayNumber) / (double)(new DateOnly(2026, 12, 10).DayNumber
            - new DateOnly(2026, 6, 10).DayNumber);
        var expected = 0.0;
        for (var payment = 0; payment <= 7; payment++)
            expected += (payment == 7 ? 10_000 + 150 : 150) / Math.Pow(1 + (Yield / 200), payment);
        expected /= 1 + (fraction * Yield / 200);

        BondTerms.On(day, 3_000, maturity).PriceAt(Yield).ShouldBe(expected, 1e-6);
    }

    [Fact]
    public void Converting_a_price_to_a_yield_is_the_inverse_of_pricing()
    {
        var bonds = Gen.Choose(0, 6_000).Zip(Gen.Choose(13, 600))
            .Zip(Gen.Choose(50, 9_000), (bond, yield) => (Coupon: bond.Item1, Months: bond.Item2, Yield: yield / 1000.0));
        Prop.ForAll(bonds.ToArbitrary(), bond =>
        {
            var terms = BondTerms.On(new DateOnly(2026, 11, 20), bond.Coupon, new DateOnly(2026, 11, 10).AddMonths(bond.Months));
            var price = terms.PriceAt(bond.Yield);
            terms.YieldAt(price, 3).ShouldBe(bond.Yield, 1e-6);
            terms.PriceAt(bond.Yield + 0.001).ShouldBeLessThan(price);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void A_matured_bond_is_valued_with_a_year_to_maturity() =>
        BondTerms.On(new DateOnly(2100, 1, 1), 3_250, CouponDay).Years.ShouldBe(1);
}
