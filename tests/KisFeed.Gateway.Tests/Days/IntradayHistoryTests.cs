using System.Globalization;
using KisFeed.Feeds;
using KisFeed.Gateway.Days;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests.Days;

public sealed class IntradayHistoryTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_bond = BondTrade.Feed.Schema;
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private static readonly DateTimeOffset s_nine = new(2026, 11, 20, 9, 0, 1, TimeSpan.FromHours(9));

    private readonly IntradayHistory _history = new(maxKeys: 3);

    [Fact]
    public void A_minute_has_open_high_low_and_close()
    {
        Confirm("0001");

        AddPrice("0001", "090000", "100.10");
        AddPrice("0001", "090030", "102.00");
        AddPrice("0001", "090059", "99.5");
        AddPrice("0001", "090059", "101");
        AddPrice("0001", "090300", "103");

        var day = DayOf("0001");
        day.Date.ShouldBe(new DateOnly(2026, 11, 20));
        day.Series.Select(series => series.Name).ShouldBe(["price", "accumulatedVolume"]);
        BarsOf(day).ShouldBe([new DayBar(540, 100.10m, 102.00m, 99.5m, 101m, 4), new DayBar(543, 103m, 103m, 103m, 103m, 1)]);
        BarsOf(day)[0].Open.ToString(CultureInfo.InvariantCulture).ShouldBe("100.10", "digits are unchanged");
        day.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void Bonds_have_price_and_yield_and_program_trading_has_the_net_value()
    {
        Confirm("KR103502GA34", s_bond);
        Confirm("005930", s_program);

        AddFrame(s_bond, Record(s_bond, "KR103502GA34", "090000", ("STCK_PRPR", "6889"), ("BOND_CNTG_ERT", "3.477")));
        AddFrame(s_program, Record(s_program, "005930", "090000", ("NTBY_CNQN", "-17"), ("NTBY_TR_PBMN", "-1190000")));

        DayOf("KR103502GA34", s_bond).Series.Where(s => s.Bars.Count > 0).Select(s => (s.Name, s.Bars[0].Close))
            .ShouldBe([("price", 6889m), ("yield", 3.477m)]);
        DayOf("005930", s_program).Series.Select(s => (s.Name, s.Bars[0].Close))
            .ShouldBe([("netVolume", -17m), ("netValue", -1190000m)], ignoreOrder: true);
    }

    [Fact]
    public void The_accumulated_volume_of_a_minute_begins_before_its_first_trade()
    {
        Confirm("0001");

        foreach (var (clock, total, own) in ((string, string, string)[])
            [("090000", "500", "500"), ("090059", "530", "10"), ("090100", "540", "10"), ("090030", "520", "20"), ("090200", "7", "9")])
        {
            AddFrame(s_index, Record(s_index, "0001", clock, ("prpr_nmix", "1"), ("acml_vol", total), ("pcas_vol", own)));
        }

        DayOf("0001").Series.Single(s => s.Name == "accumulatedVolume").Bars.ShouldBe([
            new DayBar(540, 0m, 530m, 0m, 530m, 3),
            new DayBar(541, 530m, 540m, 530m, 540m, 1),
            new DayBar(542, 7m, 7m, 7m, 7m, 1)]);
    }

    [Fact]
    public void A_late_record_changes_only_high_and_low_of_its_minute()
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");
        AddPrice("0001", "090200", "110");
        AddPrice("0001", "090240", "111");

        AddPrice("0001", "090059", "90");
        AddPrice("0001", "090230", "120");
        AddPrice("0001", "090130", "105");
        AddPrice("0001", "085900", "95");

        BarsOf(DayOf("0001")).ShouldBe([
            new DayBar(539, 95m, 95m, 95m, 95m, 1),
            new DayBar(540, 100m, 100m, 90m, 100m, 2),
            new DayBar(541, 105m, 105m, 105m, 105m, 1),
            new DayBar(542, 110m, 120m, 110m, 111m, 3)]);
    }

    [Fact]
    public void A_short_recording_that_restarts_is_detected_by_the_number_of_earlier_records()
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");
        AddPrice("0001", "090230", "200");

        foreach (var clock in (string[])["090000", "090001", "090002", "090003"])
            AddPrice("0001", clock, "101");
        AddPrice("0001", "090231", "201");
        BarsOf(DayOf("0001"))[^1].Close.ShouldBe(201m, "those records were late");
        foreach (var clock in (string[])["090000", "090001", "090002", "090003", "090004", "090005"])
            AddPrice("0001", clock, "102");

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 102m, 102m, 102m, 102m, 2)]);
    }

    [Fact]
    public void Records_without_a_readable_value_are_not_in_any_minute()
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");

        AddPrice("0001", "090001", "");
        AddPrice("0001", "", "200");
        AddPrice("0001", "096001", "300");
        AddFrame(s_index, Record(s_index, "0001", "090002", ("prpr_nmix", "400"), ("acml_vol", "x")));

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 100m, 100m, 100m, 100m, 1)]);
    }

    [Fact]
    public void Each_key_of_a_frame_has_its_own_history()
    {
        Confirm("0001");
        Confirm("1001");

        AddFrame(
            s_index,
            string.Join(
                '^', Record(s_index, "0001", "090000", ("prpr_nmix", "1")), Record(s_index, "1001", "090000", ("prpr_nmix", "2")),
                Record(s_index, "9", "090000", ("prpr_nmix", "3")), Record(s_index, " 0001", "090000", ("prpr_nmix", "4"))),
            count: 4);

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 1m, 4m, 1m, 4m, 2)]);
        BarsOf(DayOf("1001")).ShouldBe([new DayBar(540, 2m, 2m, 2m, 2m, 1)]);
        _history.Find(new HubKey(s_index.TrId, "9"), out var isKnown).ShouldBeNull();
        isKnown.ShouldBeFalse();
    }

    [Fact]
    public void An_interruption_is_a_gap_between_the_exchange_times_of_the_records_around_it()
    {
        Confirm("0001");
        AddPrice("0001", "090410", "100");

        AddEvent("0001", Interrupted(GapReason.ConnectionLost));
        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 4, 10), To: null, "connectionLost")]);
        Confirm("0001");
        AddEvent("0001", new Gap { From = s_nine.AddHours(5), To = s_nine.AddHours(6), Reason = GapReason.ConnectionLost });
        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 4, 10), To: null, "connectionLost")], "the day has not changed");
        AddPrice("0001", "090502", "101");

        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 4, 10), At(9, 5, 2), "connectionLost")]);
        AddPrice("0001", "090503", "101");
        DayOf("0001").Gaps.Count.ShouldBe(1);
    }

    [Fact]
    public void An_interruption_begins_with_the_last_record_of_any_key_of_the_session()
    {
        Confirm("0001");
        Confirm("1001");
        AddEvent("2001", new RegistrationConfirmed { At = s_nine, Session = "2" });
        AddPrice("0001", "090410", "100");
        AddPrice("1001", "090440", "200");
        AddPrice("2001", "090450", "300");

        AddEvent("0001", Interrupted(GapReason.ConnectionLost));
        AddEvent("1001", Interrupted(GapReason.ConnectionLost));
        AddPrice("1001", "090442", "201");
        AddPrice("0001", "090502", "101");

        var gap = DayOf("0001").Gaps.ShouldHaveSingleItem();
        (gap.From, gap.To).ShouldBe((At(9, 4, 40), At(9, 5, 2)), "the other session is independent");
        gap.Before.ShouldBe([100m, null]);
        GapPeriodsOf(DayOf("1001")).ShouldBe([new GapPeriod(At(9, 4, 40), At(9, 4, 42), "connectionLost")]);
    }

    [Fact]
    public void Frames_lost_by_the_gateway_are_a_gap()
    {
        Confirm("0001");
        AddPrice("0001", "090410", "100");

        AddEvent("0001", new Gap { From = s_nine, To = s_nine, Reason = GapReason.QueueOverflow, Frames = 3 });
        AddPrice("0001", "090411", "101");

        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 4, 10), At(9, 4, 11), "queueOverflow")]);
    }

    [Fact]
    public void A_late_record_does_not_end_a_gap()
    {
        Confirm("0001");
        AddPrice("0001", "090410", "100");
        AddEvent("0001", Interrupted(GapReason.Silence));

        AddPrice("0001", "090409", "101");
        DayOf("0001").Gaps.ShouldHaveSingleItem().To.ShouldBeNull();
        AddPrice("0001", "090410", "101");

        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 4, 10), At(9, 4, 10), "silence")]);
    }

    [Fact]
    public void Before_the_first_record_there_is_no_gap()
    {
        Confirm("0001");
        AddEvent("0001", Interrupted(GapReason.ConnectionLost));
        AddEvent("0001", new Gap { From = null, To = s_nine, Reason = GapReason.ConnectionLost });

        AddPrice("0001", "090410", "100");

        DayOf("0001").Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void A_key_has_a_gap_while_it_is_not_registered()
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");

        AddEvent("0001", new RegistrationReleased { At = s_nine });
        AddPrice("0001", "090100", "200");
        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 0, 0), To: null, "notRegistered")]);
        Confirm("0001");
        AddPrice("0001", "090200", "300");

        var day = DayOf("0001");
        BarsOf(day).Select(b => b.Minute).ShouldBe([540, 542]);
        GapPeriodsOf(day).ShouldBe([new GapPeriod(At(9, 0, 0), At(9, 2, 0), "notRegistered")]);
    }

    [Fact]
    public void Too_many_gaps_are_merged_instead_of_dropped()
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");
        for (var i = 1; i <= 510; i++)
        {
            AddEvent("0001", Interrupted(GapReason.ConnectionLost));
            AddPrice("0001", $"09{i / 60:00}{i % 60:00}", "100");
        }

        var gaps = GapPeriodsOf(DayOf("0001"));
        gaps.Count.ShouldBe(500);
        gaps[^1].ShouldBe(new GapPeriod(At(9, 8, 19), At(9, 8, 30), "connectionLost"));
    }

    [Theory]
    [InlineData("2026-11-21T09:00:00+09:00", "090000", "2026-11-21")]
    [InlineData("2026-11-20T16:00:00+09:00", "140959", "2026-11-20")]
    public void A_new_or_restarted_day_has_a_new_history(string receivedAt, string time, string date)
    {
        Confirm("0001");
        AddPrice("0001", "090000", "100");
        AddPrice("0001", "151000", "100");
        AddEvent("0001", Interrupted(GapReason.ConnectionLost));

        AddPrice("0001", time, "200", DateTimeOffset.Parse(receivedAt, CultureInfo.InvariantCulture));

        var day = DayOf("0001");
        day.Date.ShouldBe(DateOnly.Parse(date, CultureInfo.InvariantCulture));
        BarsOf(day).ShouldHaveSingleItem().Close.ShouldBe(200m);
        day.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void A_late_record_of_yesterday_does_not_belong_to_today()
    {
        Confirm("0001");
        AddPrice("0001", "000010", "100", new DateTimeOffset(2026, 11, 21, 0, 0, 10, TimeSpan.FromHours(9)));

        AddPrice("0001", "235959", "200", new DateTimeOffset(2026, 11, 21, 0, 0, 11, TimeSpan.FromHours(9)));

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(0, 100m, 100m, 100m, 100m, 1)]);
    }

    [Fact]
    public void The_oldest_unregistered_history_is_removed_first()
    {
        foreach (var key in (string[])["0001", "1001", "2001"])
        {
            Confirm(key);
            AddPrice(key, "090000", "1");
        }

        AddEvent("1001", new RegistrationReleased { At = s_nine });
        AddEvent("0001", new RegistrationReleased { At = s_nine });
        Confirm("0002");
        HasHistory("0001", "1001", "2001", "0002").ShouldBe([true, false, true, true]);
        Confirm("0003");
        HasHistory("0001", "2001", "0002", "0003").ShouldBe([false, true, true, true]);
        Confirm("0004");

        HasHistory("2001", "0002", "0003", "0004").ShouldBe([true, true, true, true], "registered keys stay");
    }

    [Fact]
    public void A_key_without_records_has_an_empty_history_while_it_is_registered()
    {
        HasHistory("0001").ShouldBe([false]);
        Confirm("0001");
        HasHistory("0001").ShouldBe([true]);
        _history.Find(new HubKey(s_index.TrId, "0001"), out _).ShouldBeNull();

        AddEvent("0001", new RegistrationRefused { At = s_nine, Problem = "no" });

        HasHistory("0001").ShouldBe([false]);
    }

    [Fact]
    public void Every_key_has_a_gap_after_upstream_has_ended()
    {
        Confirm("0001");
        Confirm("1001");
        AddPrice("0001", "090000", "100");

        _history.OnUpstreamEnded("lost");

        GapPeriodsOf(DayOf("0001")).ShouldBe([new GapPeriod(At(9, 0, 0), To: null, "connectionLost")]);
        HasHistory("0001", "1001").ShouldBe([true, false]);
    }

    [Fact]
    public void Order_notices_are_never_stored()
    {
        _history.OnEvent(new FrameItem(new RegistrationConfirmed { At = s_nine, Session = "1" }.AddressedTo(s_notice, "anna")));
        AddFrame(s_notice, $"anna{new string('^', s_notice.Layouts[0].Width - 1)}", noticeKey: "anna");

        _history.Find(new HubKey(s_notice.TrId, "anna"), out var isKnown).ShouldBeNull();
        isKnown.ShouldBeFalse();
    }

    [Fact]
    public void Records_of_existing_minutes_allocate_nothing()
    {
        Confirm("0001");
        Confirm("1001");
        var records = string.Join(
            '^', Record(s_index, "0001", "090000", ("prpr_nmix", "5731.23")), Record(s_index, "1001", "090001", ("prpr_nmix", "900.5")));
        var item = Item(s_index, records, 2, s_nine);
        _history.OnFrame(item, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            _history.OnFrame(item, null);

        // Not zero: after a collection the unused rest of the thread's allocation context counts as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);
        BarsOf(DayOf("0001"))[0].Records.ShouldBe(20_001);
    }

    private static DateTimeOffset At(int hour, int minute, int second) => new(2026, 11, 20, hour, minute, second, TimeSpan.FromHours(9));

    private static Interruption Interrupted(GapReason reason) => new() { At = s_nine.AddHours(5), Reason = reason };

    private static IReadOnlyList<DayBar> BarsOf(Day day) => day.Series[0].Bars;

    private static string Record(FeedSchema feed, string key, string time, params (string Element, string Value)[] values)
    {
        var fields = feed.Columns.Select(c => values.FirstOrDefault(v => v.Element == c.Element).Value ?? "").ToArray();
        fields[feed.KeyColumn] = key;
        fields[feed.TimeColumn] = time;
        return string.Join('^', fields);
    }

    [Fact]
    public void A_gap_has_the_values_at_its_edges()
    {
        Confirm("0001");
        AddPrice("0001", "090410", "100");
        AddPrice("0001", "090412", "102.5");

        AddEvent("0001", Interrupted(GapReason.ConnectionLost));
        var open = DayOf("0001").Gaps.ShouldHaveSingleItem();
        open.Before.ShouldBe([102.5m, null]);
        open.After.ShouldBeEmpty();
        AddPrice("0001", "090430", "101");
        AddPrice("0001", "090431", "99");

        var closed = DayOf("0001").Gaps.ShouldHaveSingleItem();
        closed.Before.ShouldBe([102.5m, null]);
        closed.After.ShouldBe([101m, null]);
    }

    private static IReadOnlyList<GapPeriod> GapPeriodsOf(Day day) => [.. day.Gaps.Select(g => new GapPeriod(g.From, g.To, g.Reason))];

    private static FrameItem Item(FeedSchema feed, string records, int count, DateTimeOffset receivedAt) =>
        TestFrames.Item(feed, $"0|{feed.TrId}|{count:000}|{records}", receivedAt);

    private void Confirm(string key, FeedSchema? feed = null) =>
        AddEvent(key, new RegistrationConfirmed { At = s_nine, Session = "1" }, feed);

    private void AddEvent(string key, FeedEvent feedEvent, FeedSchema? feed = null) =>
        _history.OnEvent(new FrameItem(feedEvent.AddressedTo(feed ?? s_index, key)));

    private void AddPrice(string key, string time, string price, DateTimeOffset? receivedAt = null) =>
        AddFrame(s_index, Record(s_index, key, time, ("prpr_nmix", price)), receivedAt: receivedAt);

    private void AddFrame(FeedSchema feed, string records, int count = 1, DateTimeOffset? receivedAt = null, string? noticeKey = null) =>
        _history.OnFrame(Item(feed, records, count, receivedAt ?? s_nine), noticeKey);

    private Day DayOf(string key, FeedSchema? feed = null) =>
        _history.Find(new HubKey((feed ?? s_index).TrId, key), out _).ShouldNotBeNull();

    /// <summary>A gap without the values at its edges.</summary>
    private sealed record GapPeriod(DateTimeOffset From, DateTimeOffset? To, string Reason);

    private IEnumerable<bool> HasHistory(params string[] keys)
    {
        foreach (var key in keys)
        {
            _history.Find(new HubKey(s_index.TrId, key), out var isKnown);
            yield return isKnown;
        }
    }
}
