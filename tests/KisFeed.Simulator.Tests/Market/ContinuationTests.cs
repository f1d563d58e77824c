namespace KisFeed.Simulator.Tests.Market;

/// <summary>A market that starts during the day continues where a stopped one ended.</summary>
public sealed class ContinuationTests
{
    private static readonly (string TrId, string Key)[] s_streams =
    [
        ("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0BJCNT0", "KR103502GA34"), ("H0BJCNT0", "KR6000000AA1"),
        ("H0NXPGM0", "005930"), ("H0STPGM0", "000660"), ("H0UNPGM0", "005930"), ("H0UNPGM0", "035420"), ("H0IFCNI0", "HTSID"),
    ];

    [Fact]
    public void Cumulative_values_never_decrease_across_restarts() => Seeds.Check(15, seed =>
    {
        var step = TimeSpan.FromMilliseconds(20);
        Dictionary<string, decimal> last = new(StringComparer.Ordinal);
        var start = MarketHours.Opening;
        for (var run = 0; run < 4; run++)
        {
            var market = new KoreanMarket(new MarketOptions { Seed = seed, Step = step, StartAt = start });
            market.Now.TimeOfDay.ShouldBe(start.ToTimeSpan());
            foreach (var (trId, key) in s_streams)
                market.Open(trId, key);
            var recorder = new MarketRecorder();
            for (var i = 0; i < 5_000; i++)
                market.TryStep(recorder).ShouldBeTrue();
            foreach (var (name, value) in recorder.Entries.SelectMany(entries => Cumulative(entries.Stream, entries.Record)))
            {
                value.ShouldBeGreaterThanOrEqualTo(last.GetValueOrDefault(name), $"{name} in run {run}");
                last[name] = value;
            }

            start = TimeOnly.FromTimeSpan(market.Now.TimeOfDay);
        }
    });

    [Theory]
    [InlineData("H0UPCNT0", "0001")]
    [InlineData("H0BJCNT0", "KR103502GA34")]
    [InlineData("H0NXPGM0", "005930")]
    [InlineData("H0STPGM0", "005930")]
    [InlineData("H0UNPGM0", "005930")]
    public void Cumulative_values_of_a_single_stream_never_decrease_across_a_restart(string trId, string key) => Seeds.Check(20, seed =>
    {
        var options = new MarketOptions { Seed = seed, Step = TimeSpan.FromMilliseconds(10) };
        var single = new KoreanMarket(options);
        single.Open(trId, key);
        var before = new MarketRecorder();
        for (var i = 0; i < 3_000; i++)
            single.TryStep(before).ShouldBeTrue();

        var after = MarketRecorder.Run(options with { StartAt = TimeOnly.FromTimeSpan(single.Now.TimeOfDay) }, 1, (trId, key));

        foreach (var (valueBefore, valueAfter) in Cumulative(before.Entries[^1].Stream, before.Entries[^1].Record)
            .Zip(Cumulative(after.Entries[0].Stream, after.Entries[0].Record)))
        {
            valueAfter.Value.ShouldBeGreaterThanOrEqualTo(valueBefore.Value, valueBefore.Name);
        }
    });

    [Fact]
    public void Values_of_an_instrument_do_not_depend_on_other_streams_or_on_when_it_is_opened()
    {
        var options = new MarketOptions { Seed = 3, StartAt = new TimeOnly(9, 20) };
        var single = MarketRecorder.Run(options, 50, ("H0UNPGM0", "005930")).Records<ProgramTrade>("H0UNPGM0", "005930");
        var market = new KoreanMarket(options);
        market.Open("H0UPCNT0", "0001");
        var late = new MarketRecorder();
        for (var i = 0; i < 500; i++)
            market.TryStep(late).ShouldBeTrue();
        market.Open("H0UNPGM0", "005930");
        for (var i = 0; i < 500; i++)
            market.TryStep(late).ShouldBeTrue();

        var trades = late.Records<ProgramTrade>("H0UNPGM0", "005930").Take(50).ToArray();
        trades.Select(t => (t.BuyVolume, t.SellVolume)).ShouldBe(single.Take(trades.Length).Select(t => (t.BuyVolume, t.SellVolume)));
        trades.Length.ShouldBe(50);
    }

    [Fact]
    public void Prices_are_those_of_a_market_that_started_at_the_opening()
    {
        var step = TimeSpan.FromSeconds(1);
        var all = MarketRecorder.Run(new MarketOptions { Seed = 5, Step = step }, 3_000, ("H0UPCNT0", "0001"))
            .Records<IndexTrade>("H0UPCNT0", "0001");
        var late =
            MarketRecorder.Run(new MarketOptions { Seed = 5, Step = step, StartAt = new TimeOnly(9, 30) }, 1_200, ("H0UPCNT0", "0001"))
            .Records<IndexTrade>("H0UPCNT0", "0001");

        late.Select(t => (t.Time, t.Price, t.Open, t.High, t.Low, t.AdvancingCount))
            .ShouldBe(all.Skip(1_800).Select(t => (t.Time, t.Price, t.Open, t.High, t.Low, t.AdvancingCount)));
    }

    [Fact]
    public void A_start_at_the_opening_is_the_default()
    {
        var actual = MarketRecorder.Run(new MarketOptions { Seed = 9, StartAt = new TimeOnly(9, 0) }, 1_000, s_streams).Entries
            .Select(t => t.Record);
        actual.ShouldBe(MarketRecorder.Run(new MarketOptions { Seed = 9 }, 1_000, s_streams).Entries.Select(t => t.Record));
    }

    [Fact]
    public void A_day_started_late_is_followed_by_a_complete_day()
    {
        var entries = MarketRecorder.Run(
            new MarketOptions { Seed = 2, Step = TimeSpan.FromSeconds(1), StartAt = new TimeOnly(15, 29) },
            120,
            ("H0BJCNT0", "KR103502GA34"));
        var trades = entries.Records<BondTrade>("H0BJCNT0", "KR103502GA34");
        trades[59].Time.ShouldBe(new TimeOnly(15, 29, 59));
        trades[60].Time.ShouldBe(new TimeOnly(9, 0));
        trades[60].AccumulatedVolume.ShouldBe(trades[60].Volume);
        trades[60].PreviousVolume.ShouldBe(trades[59].AccumulatedVolume);
    }

    [Theory]
    [InlineData("08:59:59")]
    [InlineData("15:30")]
    [InlineData("23:00")]
    public void A_start_outside_trading_hours_is_rejected(string start) =>
        Should.Throw<ArgumentException>(
            () => new KoreanMarket(new MarketOptions { StartAt = TimeOnly.Parse(start, CultureInfo.InvariantCulture) })).Message
            .ShouldContain("from 09:00");

    [Fact]
    public void A_start_with_too_many_earlier_steps_is_rejected() =>
        Should.Throw<ArgumentException>(
            () => new KoreanMarket(new MarketOptions { Step = TimeSpan.FromTicks(1), StartAt = new TimeOnly(9, 1) })).Message
            .ShouldContain("choose an earlier start");

    [Theory]
    [InlineData("2026-11-20T09:00:00+09:00", "09:00:00")]
    [InlineData("2026-11-20T02:03:04Z", "11:03:04")]
    [InlineData("2026-11-20T15:29:59.5+09:00", "15:29:59.5")]
    [InlineData("2026-11-20T15:30:00+09:00", "09:00:00")]
    [InlineData("2026-11-20T23:59:59+09:00", "10:59:59")]
    [InlineData("2026-11-21T00:00:00+09:00", "11:00:00")]
    [InlineData("2026-11-20T08:59:59+09:00", "13:29:59")]
    public void Every_instant_has_a_time_of_day_to_start_at(string instant, string time) =>
        MarketHours.TimeOfDayAt(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture))
            .ShouldBe(TimeOnly.Parse(time, CultureInfo.InvariantCulture));

    // The fields on the wire that never decrease within a day.
    private static IEnumerable<(string Name, decimal Value)> Cumulative(MarketStream stream, string record)
    {
        var columns = stream.TrId switch
        {
            "H0UPCNT0" => (string[])["ACML_VOL", "ACML_TR_PBMN"],
            "H0BJCNT0" => ["ACML_VOL"],
            "H0IFCNI0" => ["ODER_NO"],
            _ => ["SELN_CNQN", "SELN_TR_PBMN", "SHNU_CNQN", "SHNU_TR_PBMN"],
        };
        KisFeeds.Catalog.TryGet(System.Text.Encoding.ASCII.GetBytes(stream.TrId), out var feed).ShouldBeTrue();
        var names = feed!.Columns.Select(column => column.Element).ToArray();
        var fields = record.Split('^');
        foreach (var column in columns)
        {
            var position = Array.FindIndex(names, name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
            position.ShouldBeGreaterThanOrEqualTo(0, $"{stream.TrId} {column}: {string.Join(' ', names)}");

            // Fills and cancellations have the number of their order.
            if (column != "ODER_NO" || record.Contains("^L^", StringComparison.Ordinal))
                yield return ($"{stream.TrId} {stream.Key} {column}", decimal.Parse(fields[position], CultureInfo.InvariantCulture));
        }
    }
}
