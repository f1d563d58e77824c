namespace KisFeed.Simulator.Tests.Market;

public sealed class KoreanMarketTests
{
    private static readonly (string TrId, string Key)[] FiveFeeds =
    [
        ("H0UPCNT0", "0001"), ("H0BJCNT0", "KR103502GA34"), ("H0NXPGM0", "005930"), ("H0UNPGM0", "005930"), ("H0IFCNI0", "HTSID"),
    ];

    [Fact]
    public void All_five_feeds_have_records_soon() => Seeds.Check(300, seed =>
        MarketRecorder.Run(new MarketOptions { Seed = seed }, 40, FiveFeeds).Entries.Select(t => t.Stream.TrId)
            .Distinct(StringComparer.Ordinal).Count().ShouldBe(5));

    [Fact]
    public void No_feed_is_without_records_for_long() => Seeds.Check(20, seed =>
    {
        var entries = MarketRecorder.Run(new MarketOptions { Seed = seed }, 3_000, FiveFeeds).Entries;
        var lastAt = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++)
        {
            var trId = entries[i].Stream.TrId;
            (i - lastAt.GetValueOrDefault(trId, i)).ShouldBeLessThan(60, trId);
            lastAt[trId] = i;
        }

        lastAt.Count.ShouldBe(5);
    });

    [Fact]
    public void Indices_and_program_trades_have_more_records_than_bonds_and_notices()
    {
        var entries = MarketRecorder.Run(MarketOptions.Default, 5_000, FiveFeeds).Entries
            .CountBy(t => t.Stream.TrId, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        entries["H0UPCNT0"].ShouldBeGreaterThan(entries["H0BJCNT0"] * 3 / 2);
        entries["H0UNPGM0"].ShouldBeGreaterThan(entries["H0BJCNT0"] * 3 / 2);
        entries["H0BJCNT0"].ShouldBeGreaterThan(entries["H0IFCNI0"]);
        entries["H0IFCNI0"].ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Without_open_streams_no_time_passes()
    {
        var market = new KoreanMarket(MarketOptions.Default);
        var recorder = new MarketRecorder();
        var opening = market.Now;
        market.TryStep(recorder).ShouldBeFalse();
        var stream = market.Open("H0UPCNT0", "0001");
        market.TryStep(recorder).ShouldBeTrue();
        market.Close(stream);
        market.TryStep(recorder).ShouldBeFalse();
        recorder.Entries.Count.ShouldBe(1);
        market.Now.ShouldBe(opening + MarketOptions.Default.Step);
        opening.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(9)));
    }

    [Fact]
    public void A_stream_stays_open_until_it_is_closed_as_often_as_opened()
    {
        var market = new KoreanMarket(MarketOptions.Default);
        var stream = market.Open("H0UPCNT0", "0001");
        market.Open("H0UPCNT0", "0001").ShouldBeSameAs(stream);
        market.Close(stream);
        stream.IsOpen.ShouldBeTrue();
        market.TryStep(new MarketRecorder()).ShouldBeTrue();
        market.Close(stream);
        market.TryStep(new MarketRecorder()).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => market.Close(stream));
        market.Open("H0UPCNT0", "0001").ShouldBeSameAs(stream);
        market.TryStep(new MarketRecorder()).ShouldBeTrue();
    }

    [Fact]
    public void A_stream_of_another_market_cannot_be_closed()
    {
        var stream = new KoreanMarket(MarketOptions.Default).Open("H0UPCNT0", "0001");
        var other = new KoreanMarket(MarketOptions.Default);
        Should.Throw<ArgumentException>(() => other.Close(stream));
        other.Open("H0UPCNT0", "0001");
        Should.Throw<ArgumentException>(() => other.Close(stream));
    }

    [Fact]
    public void A_reopened_instrument_continues_where_it_was()
    {
        var market = new KoreanMarket(MarketOptions.Default with { Step = TimeSpan.FromSeconds(1) });
        var recorder = new MarketRecorder();
        var stream = market.Open("H0UPCNT0", "0001");
        for (var i = 0; i < 50; i++)
            market.TryStep(recorder);
        market.Close(stream);
        market.Open("H0BJCNT0", "KR103502GA34");
        for (var i = 0; i < 50; i++)
            market.TryStep(recorder);
        market.Open("H0UPCNT0", "0001");
        for (var i = 0; i < 50; i++)
            market.TryStep(recorder);

        var ticks = recorder.Records<IndexTrade>("H0UPCNT0", "0001");
        ticks.Count.ShouldBeGreaterThan(70);
        for (var i = 1; i < ticks.Count; i++)
            ticks[i].AccumulatedVolume.ShouldBe(ticks[i - 1].AccumulatedVolume + ticks[i].Volume);
    }

    [Fact]
    public void A_stream_can_be_closed_while_a_record_is_delivered()
    {
        var market = new KoreanMarket(MarketOptions.Default);
        var sink = new ClosingSink(market);
        market.Open("H0NXPGM0", "005930");
        market.Open("H0UNPGM0", "005930");
        market.Open("H0STPGM0", "005930");
        while (market.TryStep(sink))
        {
        }

        sink.Closed.ShouldBe(3);
    }

    [Fact]
    public void Each_step_advances_time()
    {
        var options = new MarketOptions { Step = TimeSpan.FromSeconds(7) };
        var market = new KoreanMarket(options);
        market.Open("H0UPCNT0", "0001");
        var recorder = new MarketRecorder();
        for (var i = 0; i < 8_000; i++)
        {
            var before = market.Now;
            market.TryStep(recorder);
            MarketRecorder.Decode<IndexTrade>("H0UPCNT0", recorder.Entries[^1].Record).Time!.Value.ToTimeSpan()
                .ShouldBe(TimeSpan.FromSeconds(Math.Floor(before.TimeOfDay.TotalSeconds)));
            if (market.Now.Date == before.Date)
                market.Now.ShouldBe(before + options.Step);
            else
                (before + options.Step).TimeOfDay.ShouldBeGreaterThanOrEqualTo(new TimeSpan(15, 30, 0));
        }
    }

    [Fact]
    public void After_the_close_the_next_weekday_opens()
    {
        var market = new KoreanMarket(new MarketOptions { Step = TimeSpan.FromHours(2) });
        market.Open("H0UPCNT0", "0001");
        var days = new List<DateTimeOffset>();
        for (var i = 0; i < 12; i++)
        {
            days.Add(market.Now);
            market.TryStep(new MarketRecorder());
        }

        days.Select(day => $"{day:MM-dd HH}").ShouldBe(
            [
                "11-20 09", "11-20 11", "11-20 13", "11-20 15", "11-23 09", "11-23 11", "11-23 13", "11-23 15", "11-24 09", "11-24 11",
                "11-24 13", "11-24 15",
            ]);
        days.ShouldAllBe(day => day.Offset == TimeSpan.FromHours(9));
    }

    [Fact]
    public void It_lists_the_well_known_instruments()
    {
        var instruments = new KoreanMarket(MarketOptions.Default).Instruments;
        instruments.DistinctBy(i => i.Code, StringComparer.Ordinal).Count().ShouldBe(instruments.Count);
        instruments.ShouldAllBe(i => i.Name.Length > 0);
        instruments.ShouldContain(new ListedInstrument("0001", "코스피", ListedInstrumentKind.Index));
        instruments.ShouldContain(new ListedInstrument("1001", "코스닥", ListedInstrumentKind.Index));
        instruments.ShouldContain(new ListedInstrument("2001", "코스피 200", ListedInstrumentKind.Index));
        instruments.ShouldContain(new ListedInstrument("005930", "삼성전자", ListedInstrumentKind.Stock));
        instruments.ShouldContain(new ListedInstrument("000660", "SK하이닉스", ListedInstrumentKind.Stock));
        instruments.ShouldContain(new ListedInstrument("A01612", "코스피200   F 202612", ListedInstrumentKind.Future));
        instruments.Count(i => i.Kind == ListedInstrumentKind.Stock).ShouldBeGreaterThanOrEqualTo(20);
        instruments.Count(i => i.Kind == ListedInstrumentKind.Bond).ShouldBeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public void Every_listed_instrument_has_a_valid_code_and_records()
    {
        var trIds = new Dictionary<ListedInstrumentKind, string>
        {
            [ListedInstrumentKind.Index] = "H0UPCNT0",
            [ListedInstrumentKind.Bond] = "H0BJCNT0",
            [ListedInstrumentKind.Stock] = "H0UNPGM0",
        };
        foreach (var instrument in new KoreanMarket(MarketOptions.Default).Instruments.Where(i => trIds.ContainsKey(i.Kind)))
        {
            KoreanMarket.IsWellFormed(trIds[instrument.Kind], instrument.Code).ShouldBeTrue(instrument.Code);
            MarketRecorder.Run(MarketOptions.Default, 1, (trIds[instrument.Kind], instrument.Code)).Entries.ShouldHaveSingleItem();
        }
    }

    [Theory]
    [InlineData(2026, 11, 21, 20)]
    [InlineData(2026, 11, 22, 20)]
    [InlineData(2026, 11, 20, 0)]
    [InlineData(2026, 11, 20, -1)]
    [InlineData(2026, 11, 20, 23_400_000)]
    public void Invalid_options_are_rejected(int year, int month, int day, int stepMilliseconds) =>
        Should.Throw<ArgumentException>(() => new KoreanMarket(
            new MarketOptions { Day = new DateOnly(year, month, day), Step = TimeSpan.FromMilliseconds(stepMilliseconds) }));

    [Theory]
    [InlineData("H0UPCNT0", "0001", true)]
    [InlineData("H0UPCNT0", "9999", true)]
    [InlineData("H0UPCNT0", "001", false)]
    [InlineData("H0UPCNT0", "00011", false)]
    [InlineData("H0UPCNT0", "000A", false)]
    [InlineData("H0UPCNT0", "０００１", false)]
    [InlineData("H0BJCNT0", "KR103502GA34", true)]
    [InlineData("H0BJCNT0", "US0378331005", true)]
    [InlineData("H0BJCNT0", "KR103502GA3", false)]
    [InlineData("H0BJCNT0", "K1103502GA34", false)]
    [InlineData("H0BJCNT0", "KR103502ga34", false)]
    [InlineData("H0NXPGM0", "005930", true)]
    [InlineData("H0UNPGM0", "0000A0", true)]
    [InlineData("H0STPGM0", "005930", true)]
    [InlineData("H0NXPGM0", "5930", false)]
    [InlineData("H0NXPGM0", "00593a", false)]
    [InlineData("H0IFCNI0", "HTSID", true)]
    [InlineData("H0IFCNI9", "아이디", true)]
    [InlineData("H0IFCNI0", "", false)]
    [InlineData("H0IFCNI0", "HTS ID", false)]
    [InlineData("H0IFCNI0", "a^b", false)]
    [InlineData("H0IFCNI0", "a|b", false)]
    [InlineData("H0IFCNI0", "a\nb", false)]
    [InlineData("H0STXXX0", "005930", false)]
    [InlineData("H0STCNT0", "005930", true)]
    [InlineData("H0STCNT0", "00593", false)]
    [InlineData("HDFSCNT0", "DNASAAPL", true)]
    [InlineData("HDFSCNT0", "AAPL", false)]
    [InlineData("", "005930", false)]
    public void Keys_have_the_format_of_their_feed(string trId, string key, bool wellFormed)
    {
        KoreanMarket.IsWellFormed(trId, key).ShouldBe(wellFormed);
        var market = new KoreanMarket(MarketOptions.Default);
        if (!wellFormed)
        {
            Should.Throw<ArgumentException>(() => market.Open(trId, key));
            return;
        }

        var stream = market.Open(trId, key);
        (stream.TrId, stream.Key).ShouldBe((trId, key));
        var recorder = new MarketRecorder();
        market.TryStep(recorder).ShouldBeTrue();
        recorder.Entries.ShouldHaveSingleItem().Stream.ShouldBeSameAs(stream);
    }

    private sealed class ClosingSink(KoreanMarket market) : IMarketSink
    {
        public int Closed { get; private set; }

        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
        {
            market.Close(stream);
            Closed++;
        }
    }
}
