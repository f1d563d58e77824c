namespace KisFeed.Simulator.Tests.Market;

public sealed class IndexTests
{
    private const string TrId = "H0UPCNT0";

    // The first day has about 4,700 steps.
    private static MarketOptions Coarse(int seed) => new() { Seed = seed, Step = TimeSpan.FromSeconds(5) };

    [Theory]
    [InlineData("0001")]
    [InlineData("1001")]
    [InlineData("2001")]
    [InlineData("0027")]
    public void The_records_of_an_index_day_are_consistent(string code) => Seeds.Check(6, seed =>
    {
        long? issues = null;
        foreach (var day in Days(MarketRecorder.Run(Coarse(seed), 6_000, (TrId, code)).Records<IndexTrade>(TrId, code)))
        {
            var previousClose = day[0].Price!.Value - day[0].Change!.Value;
            var volume = 0L;
            var value = 0L;
            var high = day[0].Open;
            var low = day[0].Open;
            foreach (var tick in day)
            {
                volume += tick.Volume!.Value;
                value += tick.Value!.Value;
                high = Max(high, tick.Price);
                low = Min(low, tick.Price);
                tick.ShouldBe(tick with
                {
                    AccumulatedVolume = volume,
                    AccumulatedValue = value,
                    Open = day[0].Open,
                    High = high,
                    Low = low,
                    Change = tick.Price - previousClose,
                    Sign = SignOf(tick.Price - previousClose),
                    ChangeRate = RateOf(tick.Price - previousClose, previousClose),
                    OpenChange = tick.Open - previousClose,
                    OpenSign = SignOf(tick.Open - previousClose),
                    OpenChangeRate = RateOf(tick.Open - previousClose, previousClose),
                    HighChange = high - previousClose,
                    HighSign = SignOf(high - previousClose),
                    HighChangeRate = RateOf(high - previousClose, previousClose),
                    LowChange = low - previousClose,
                    LowSign = SignOf(low - previousClose),
                    LowChangeRate = RateOf(low - previousClose, previousClose),
                });
                tick.Volume.Value.ShouldBeGreaterThanOrEqualTo(0);
                tick.Value.Value.ShouldBeGreaterThanOrEqualTo(0);
                foreach (var number in new[] { tick.Price, tick.Change, tick.ChangeRate, tick.LowChangeRate })
                    number!.Value.Scale.ShouldBe((byte)2);

                long?[] counts =
                    [tick.UpperLimitCount, tick.AdvancingCount, tick.UnchangedCount, tick.DecliningCount, tick.LowerLimitCount];
                counts.Min()!.Value.ShouldBeGreaterThanOrEqualTo(0);
                counts.Sum().ShouldBe(issues ??= counts.Sum());
                (tick.AdvancingCount + tick.UnchangedCount + tick.DecliningCount)
                    .ShouldBe(day[0].AdvancingCount + day[0].UnchangedCount + day[0].DecliningCount);
                tick.QuotedUpCount!.Value.ShouldBeInRange(0, tick.AdvancingCount!.Value);
                tick.QuotedDownCount!.Value.ShouldBeInRange(0, tick.DecliningCount!.Value);
            }
        }
    });

    [Fact]
    public void The_previous_close_is_the_last_price_of_the_day_before() => Seeds.Check(8, seed =>
    {
        var days = Days(MarketRecorder.Run(Coarse(seed) with { Step = TimeSpan.FromSeconds(20) }, 4_000, (TrId, "0001"))
            .Records<IndexTrade>(TrId, "0001"));
        days.Count.ShouldBe(4);
        for (var i = 1; i < days.Count; i++)
            (days[i][0].Price - days[i][0].Change).ShouldBe(days[i - 1][^1].Price);
    });

    [Fact]
    public void The_index_correlates_with_the_number_of_advancing_stocks() => Seeds.Check(8, seed =>
    {
        var ticks = MarketRecorder.Run(Coarse(seed), 4_000, (TrId, "0001")).Records<IndexTrade>(TrId, "0001");
        var changes = ticks.Select(t => (double)t.Change!.Value).ToArray();
        var breadth = ticks.Select(t => (double)(t.AdvancingCount!.Value - t.DecliningCount!.Value)).ToArray();
        Correlation(changes, breadth).ShouldBeGreaterThan(0.5);
    });

    [Fact]
    public void Indices_correlate()
    {
        // Uses the closes of many days, because any two indices may diverge by chance within a day.
        var recorder = MarketRecorder.Run(
            Coarse(7) with { Step = TimeSpan.FromMinutes(2) }, 20_000, (TrId, "0001"), (TrId, "1001"), (TrId, "2001"));
        var kospi = Closes(recorder, "0001");
        Correlation(kospi, Closes(recorder, "2001")).ShouldBeGreaterThan(0.95);
        Correlation(kospi, Closes(recorder, "1001")).ShouldBeGreaterThan(0.75);
    }

    [Fact]
    public void The_daily_change_of_an_index_is_about_one_percent()
    {
        var closes = Closes(MarketRecorder.Run(Coarse(3) with { Step = TimeSpan.FromMinutes(5) }, 20_000, (TrId, "0001")), "0001");
        closes.Length.ShouldBeGreaterThan(200);
        Math.Sqrt(closes.Average(rate => rate * rate)).ShouldBeInRange(0.5, 2);
    }

    [Fact]
    public void The_level_stays_in_a_plausible_range_for_years()
    {
        var recorder = MarketRecorder.Run(Coarse(5) with { Step = TimeSpan.FromHours(1) }, 14_000, (TrId, "0001"));
        recorder.Records<IndexTrade>(TrId, "0001").ShouldAllBe(tick => tick.Price > 4_000 && tick.Price < 8_000);
    }

    [Fact]
    public void The_daily_volume_does_not_depend_on_the_step()
    {
        foreach (var seconds in new[] { 1, 60 })
        {
            var day =
                Days(MarketRecorder.Run(Coarse(2) with { Step = TimeSpan.FromSeconds(seconds) }, (23_400 / seconds) + 1, (TrId, "0001"))
                    .Records<IndexTrade>(TrId, "0001"))[0];
            day[^1].AccumulatedVolume!.Value.ShouldBeInRange(400_000, 650_000);
        }
    }

    private static double[] Closes(MarketRecorder recorder, string code) =>
        [.. Days(recorder.Records<IndexTrade>(TrId, code)).Select(day => (double)day[^1].ChangeRate!.Value)];

    private static List<List<IndexTrade>> Days(IReadOnlyList<IndexTrade> ticks)
    {
        List<List<IndexTrade>> days = [[]];
        foreach (var tick in ticks)
        {
            if (days[^1].Count > 0 && tick.Time < days[^1][^1].Time)
                days.Add([]);
            days[^1].Add(tick);
        }

        return days;
    }

    private static ChangeSign SignOf(decimal? change) => change > 0 ? ChangeSign.Up : change < 0 ? ChangeSign.Down : ChangeSign.Unchanged;

    private static decimal? RateOf(decimal? change, decimal previousClose) =>
        Math.Round(change!.Value / previousClose * 100, 2, MidpointRounding.AwayFromZero);

    private static decimal? Max(decimal? left, decimal? right) => left > right ? left : right;

    private static decimal? Min(decimal? left, decimal? right) => left < right ? left : right;

    private static double Correlation(double[] left, double[] right)
    {
        var leftMean = left.Average();
        var rightMean = right.Average();
        var both = left.Zip(right, (l, r) => (l - leftMean) * (r - rightMean)).Sum();
        return both / Math.Sqrt(left.Sum(l => (l - leftMean) * (l - leftMean)) * right.Sum(r => (r - rightMean) * (r - rightMean)));
    }
}
