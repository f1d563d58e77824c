using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Simulator.Tests.Market;

public sealed class MarketNumbersTests
{
    [Fact]
    public void Rates_are_rounded_like_decimals()
    {
        var changes = Gen.Choose(-200_000, 200_000).Zip(Gen.Choose(1, 2_000_000)).ToArbitrary();
        Prop.ForAll(changes, change =>
        {
            var (amount, previous) = change;
            FixedPoint.Hundredths(FixedPoint.RateOf(amount, previous))
                .ShouldBe(Math.Round((decimal)amount / previous * 100, 2, MidpointRounding.AwayFromZero));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(-5, "-0.05")]
    [InlineData(1234567890123, "12345678901.23")]
    public void Hundredths_have_two_digits(long units, string text) =>
        FixedPoint.Hundredths(units).ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(text);

    [Theory]
    [InlineData(1_999, 1_999)]
    [InlineData(2_003, 2_005)]
    [InlineData(19_994, 19_990)]
    [InlineData(49_974, 49_950)]
    [InlineData(168_449, 168_400)]
    [InlineData(499_700, 499_500)]
    [InlineData(892_499, 892_000)]
    [InlineData(0.2, 1)]
    public void Prices_are_multiples_of_their_tick(double price, long nearest) => TickSize.Nearest(price).ShouldBe(nearest);

    [Fact]
    public void A_path_is_a_function_of_time()
    {
        var path = new NoisePath(5);
        var random = new SeededRandom(1);
        for (var i = 0; i < 3_000; i++)
        {
            var moment = new MarketMoment(
                new DateOnly(2026, 11, random.Next(2, 27)), TimeSpan.FromMilliseconds(random.Next(0, 23_399_999)));
            path.At(moment).ShouldBe(new NoisePath(5).At(moment));
        }
    }

    [Fact]
    public void A_path_is_continuous_and_bounded()
    {
        var path = new NoisePath(9);
        var squares = 0.0;
        var before = path.At(new MarketMoment(new DateOnly(2026, 11, 20), TimeSpan.Zero));
        const int Steps = 200_000;
        for (var i = 1; i <= Steps; i++)
        {
            var value = path.At(new MarketMoment(new DateOnly(2026, 11, 20), TimeSpan.FromMilliseconds(20 * i)));
            Math.Abs(value).ShouldBeLessThan(NoisePath.Bound);
            Math.Abs(value - before).ShouldBeInRange(double.Epsilon, 0.01);
            squares += (value - before) * (value - before);
            before = value;
        }

        // A Brownian path would move 0.0009 in 20 ms of a day of 23,400 s. The finest octave is smooth, so the value is somewhat smaller.
        Math.Sqrt(squares / Steps).ShouldBeInRange(0.0002, 0.002);
    }

    [Fact]
    public void Random_numbers_are_those_of_SplitMix64()
    {
        // The first published outputs of the generator for seed 1234567: 6457827717110365317, 3203168211198807973.
        var bits = new SeededRandom(1234567);
        bits.NextUnit().ShouldBe((6457827717110365317UL >> 11) / (double)(1UL << 53));
        bits.NextUnit().ShouldBe((3203168211198807973UL >> 11) / (double)(1UL << 53));
    }

    [Fact]
    public void Random_numbers_cover_their_range_evenly()
    {
        var random = new SeededRandom(3);
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++)
            counts[random.Next(-2, 3) + 2]++;
        counts.ShouldAllBe(count => count > 9_500 && count < 10_500);
    }

    [Fact]
    public void Hashes_of_similar_inputs_differ()
    {
        var hashes = Enumerable.Range(0, 5_000)
            .SelectMany(i => new[] { StableHash.Combine(1, i), StableHash.Combine(1, $"{i:D6}"), StableHash.Combine(2, i) })
            .ToHashSet();
        hashes.Count.ShouldBe(15_000);
        BitOperations.PopCount(StableHash.Combine(1, 1) ^ StableHash.Combine(1, 2)).ShouldBeInRange(16, 48);
    }
}
