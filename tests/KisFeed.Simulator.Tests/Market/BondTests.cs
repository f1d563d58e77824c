namespace KisFeed.Simulator.Tests.Market;

public sealed class BondTests
{
    private const string TrId = "H0BJCNT0";

    public static TheoryData<string> Codes { get; } =
    [
        .. new KoreanMarket(MarketOptions.Default).Instruments.Where(i => i.Kind == ListedInstrumentKind.Bond).Select(i => i.Code),
        "KR103501GE99",
        "KR6003491F63",
    ];

    [Theory]
    [MemberData(nameof(Codes))]
    public void The_records_of_a_bond_day_are_consistent(string code) => Seeds.Check(5, seed =>
    {
        var options = new MarketOptions { Seed = seed, Step = TimeSpan.FromSeconds(10) };
        decimal? previousClose = null;
        BondTrade? before = null;
        var yields = new Dictionary<decimal, decimal>();
        var volume = 0L;
        foreach (var tick in MarketRecorder.Run(options, 3_000, (TrId, code)).Records<BondTrade>(TrId, code))
        {
            if (before is { } last && tick.Time < last.Time)
            {
                tick.PreviousClose.ShouldBe(last.Price);
                tick.PreviousVolume.ShouldBe(volume);
                (previousClose, volume) = (null, 0);
                yields.Clear();
            }

            tick.PreviousClose.ShouldBe(previousClose ??= tick.PreviousClose);
            volume += tick.Volume!.Value;
            tick.Volume.Value.ShouldBeGreaterThan(0);
            tick.AccumulatedVolume.ShouldBe(volume);

            tick.Change.ShouldBe(tick.Price - previousClose);
            tick.Sign.ShouldBe(tick.Change > 0 ? ChangeSign.Up : tick.Change < 0 ? ChangeSign.Down : ChangeSign.Unchanged);
            tick.ChangeRate.ShouldBe(Math.Round(tick.Change!.Value / previousClose!.Value * 100, 2, MidpointRounding.AwayFromZero));

            foreach (var (price, yield) in new[]
            {
                (tick.Price, tick.Yield),
                (tick.Open, tick.OpenYield),
                (tick.High, tick.HighYield),
                (tick.Low, tick.LowYield),
            })
            {
                price!.Value.ShouldBeInRange(tick.Low!.Value, tick.High!.Value);
                price.Value.Scale.ShouldBe((byte)2);
                yield!.Value.Scale.ShouldBe((byte)3);
                yields.TryAdd(price.Value, yield.Value);
                yield.ShouldBe(yields[price.Value], "each price has one yield");
            }

            before = tick;
        }

        var byPrice = yields.OrderBy(pair => pair.Key).Select(pair => pair.Value).ToArray();
        byPrice.ShouldBeInOrder(SortDirection.Descending, "the higher the price, the lower the yield");
    });

    [Fact]
    public void Prices_change()
    {
        var ticks = MarketRecorder.Run(new MarketOptions { Step = TimeSpan.FromSeconds(10) }, 2_000, (TrId, "KR103502GD31"))
            .Records<BondTrade>(TrId, "KR103502GD31");
        ticks.Select(tick => tick.Price).Distinct().Count().ShouldBeGreaterThan(20);
        ticks[^1].HighYield!.Value.ShouldBeLessThan(ticks[^1].LowYield!.Value);
    }

    [Theory]
    [InlineData("KR103502GD31", "국고03250-5303(23-2)")]
    [InlineData("KR103502GA34", "국고01500-5003(20-2)")]
    public void Listed_bonds_have_names(string code, string name)
    {
        var recorder = MarketRecorder.Run(MarketOptions.Default, 1, (TrId, code));
        recorder.Records<BondTrade>(TrId, code)[0].Name.ShouldBe(name);
        new KoreanMarket(MarketOptions.Default).Instruments.ShouldContain(new ListedInstrument(code, name, ListedInstrumentKind.Bond));
    }

    [Fact]
    public void Yields_stay_in_a_plausible_range_for_years()
    {
        var options = new MarketOptions { Step = TimeSpan.FromHours(1) };
        MarketRecorder.Run(options, 14_000, (TrId, "KR103502GG61")).Records<BondTrade>(TrId, "KR103502GG61")
            .ShouldAllBe(tick => tick.Yield > 2 && tick.Yield < 4.5m);
    }
}
