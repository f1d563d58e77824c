using System.Globalization;
using System.Text;
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
    public void A_minute_has_its_first_highest_lowest_and_last()
    {
        Confirm("0001");

        Price("0001", "090000", "100.10");
        Price("0001", "090030", "102.00");
        Price("0001", "090059", "99.5");
        Price("0001", "090059", "101");
        Price("0001", "090300", "103");

        var day = DayOf("0001");
        day.Date.ShouldBe(new DateOnly(2026, 11, 20));
        day.Series.ShouldHaveSingleItem().Name.ShouldBe("price");
        BarsOf(day).ShouldBe([new DayBar(540, 100.10m, 102.00m, 99.5m, 101m, 4), new DayBar(543, 103m, 103m, 103m, 103m, 1)]);
        BarsOf(day)[0].Open.ToString(CultureInfo.InvariantCulture).ShouldBe("100.10", "digits stay as sent");
        day.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void Bonds_have_a_yield_beside_the_price_and_program_trading_has_what_was_bought_net()
    {
        Confirm("KR103502GA34", s_bond);
        Confirm("005930", s_program);

        Take(s_bond, Record(s_bond, "KR103502GA34", "090000", ("STCK_PRPR", "6889"), ("BOND_CNTG_ERT", "3.477")));
        Take(s_program, Record(s_program, "005930", "090000", ("NTBY_CNQN", "-17"), ("NTBY_TR_PBMN", "-1190000")));

        DayOf("KR103502GA34", s_bond).Series.Select(s => (s.Name, s.Bars[0].Close)).ShouldBe([("price", 6889m), ("yield", 3.477m)]);
        DayOf("005930", s_program).Series.Select(s => (s.Name, s.Bars[0].Close)).ShouldBe([("netVolume", -17m), ("netValue", -1190000m)], ignoreOrder: true);
    }

    [Fact]
    public void A_late_record_changes_the_highest_and_lowest_of_its_own_minute_alone()
    {
        Confirm("0001");
        Price("0001", "090000", "100");
        Price("0001", "090200", "110");
        Price("0001", "090240", "111");

        Price("0001", "090059", "90");
        Price("0001", "090230", "120");
        Price("0001", "090130", "105");
        Price("0001", "085900", "95");

        BarsOf(DayOf("0001")).ShouldBe([
            new DayBar(539, 95m, 95m, 95m, 95m, 1),
            new DayBar(540, 100m, 100m, 90m, 100m, 2),
            new DayBar(541, 105m, 105m, 105m, 105m, 1),
            new DayBar(542, 110m, 120m, 110m, 111m, 3)]);
    }

    [Fact]
    public void A_recorded_day_of_some_seconds_that_begins_again_is_known_by_how_many_records_are_earlier()
    {
        Confirm("0001");
        Price("0001", "090000", "100");
        Price("0001", "090230", "200");

        foreach (var clock in (string[])["090000", "090001", "090002", "090003"])
            Price("0001", clock, "101");
        Price("0001", "090231", "201");
        BarsOf(DayOf("0001"))[^1].Close.ShouldBe(201m, "those were late");
        foreach (var clock in (string[])["090000", "090001", "090002", "090003", "090004", "090005"])
            Price("0001", clock, "102");

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 102m, 102m, 102m, 102m, 2)]);
    }

    [Fact]
    public void What_has_no_value_or_cannot_be_read_is_in_no_minute()
    {
        Confirm("0001");
        Price("0001", "090000", "100");

        Price("0001", "090001", "");
        Price("0001", "", "200");
        Price("0001", "096001", "300");
        Take(s_index, Record(s_index, "0001", "090002", ("prpr_nmix", "400"), ("acml_vol", "x")));

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 100m, 100m, 100m, 100m, 1)]);
    }

    [Fact]
    public void Each_key_of_a_frame_has_its_own()
    {
        Confirm("0001");
        Confirm("1001");

        Take(s_index, string.Join('^', Record(s_index, "0001", "090000", ("prpr_nmix", "1")), Record(s_index, "1001", "090000", ("prpr_nmix", "2")), Record(s_index, "9", "090000", ("prpr_nmix", "3")), Record(s_index, " 0001", "090000", ("prpr_nmix", "4"))), count: 4);

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(540, 1m, 4m, 1m, 4m, 2)]);
        BarsOf(DayOf("1001")).ShouldBe([new DayBar(540, 2m, 2m, 2m, 2m, 1)]);
        _history.Find(new HubKey(s_index.TrId, "9"), out var isKnown).ShouldBeNull();
        isKnown.ShouldBeFalse();
    }

    [Fact]
    public void An_interruption_is_a_gap_from_the_last_record_to_the_next_by_their_own_times()
    {
        Confirm("0001");
        Price("0001", "090410", "100");

        Happen("0001", Interrupted(GapReason.ConnectionLost));
        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 4, 10), To: null, "connectionLost")]);
        Confirm("0001");
        Happen("0001", new Gap { From = s_nine.AddHours(5), To = s_nine.AddHours(6), Reason = GapReason.ConnectionLost });
        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 4, 10), To: null, "connectionLost")], "it is the same");
        Price("0001", "090502", "101");

        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 4, 10), At(9, 5, 2), "connectionLost")]);
        Price("0001", "090503", "101");
        DayOf("0001").Gaps.Count.ShouldBe(1);
    }

    [Fact]
    public void An_interruption_begins_where_the_session_was_heard_of_last_whatever_key_that_was_of()
    {
        Confirm("0001");
        Confirm("1001");
        Happen("2001", new RegistrationConfirmed { At = s_nine, Session = "2" });
        Price("0001", "090410", "100");
        Price("1001", "090440", "200");
        Price("2001", "090450", "300");

        Happen("0001", Interrupted(GapReason.ConnectionLost));
        Happen("1001", Interrupted(GapReason.ConnectionLost));
        Price("1001", "090442", "201");
        Price("0001", "090502", "101");

        var gap = DayOf("0001").Gaps.ShouldHaveSingleItem();
        (gap.From, gap.To).ShouldBe((At(9, 4, 40), At(9, 5, 2)), "the other session says nothing of this one");
        gap.Before.ShouldBe([100m]);
        StretchesOf(DayOf("1001")).ShouldBe([new Stretch(At(9, 4, 40), At(9, 4, 42), "connectionLost")]);
    }

    [Fact]
    public void Frames_that_the_gateway_lost_itself_are_a_gap_too()
    {
        Confirm("0001");
        Price("0001", "090410", "100");

        Happen("0001", new Gap { From = s_nine, To = s_nine, Reason = GapReason.QueueOverflow, Frames = 3 });
        Price("0001", "090411", "101");

        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 4, 10), At(9, 4, 11), "queueOverflow")]);
    }

    [Fact]
    public void A_late_record_ends_no_gap()
    {
        Confirm("0001");
        Price("0001", "090410", "100");
        Happen("0001", Interrupted(GapReason.Silence));

        Price("0001", "090409", "101");
        DayOf("0001").Gaps.ShouldHaveSingleItem().To.ShouldBeNull();
        Price("0001", "090410", "101");

        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 4, 10), At(9, 4, 10), "silence")]);
    }

    [Fact]
    public void Before_the_first_record_there_is_no_gap()
    {
        Confirm("0001");
        Happen("0001", Interrupted(GapReason.ConnectionLost));
        Happen("0001", new Gap { From = null, To = s_nine, Reason = GapReason.ConnectionLost });

        Price("0001", "090410", "100");

        DayOf("0001").Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void While_nobody_has_a_key_registered_data_of_it_are_missing()
    {
        Confirm("0001");
        Price("0001", "090000", "100");

        Happen("0001", new RegistrationReleased { At = s_nine });
        Price("0001", "090100", "200");
        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 0, 0), To: null, "notRegistered")]);
        Confirm("0001");
        Price("0001", "090200", "300");

        var day = DayOf("0001");
        BarsOf(day).Select(b => b.Minute).ShouldBe([540, 542]);
        StretchesOf(day).ShouldBe([new Stretch(At(9, 0, 0), At(9, 2, 0), "notRegistered")]);
    }

    [Fact]
    public void Many_gaps_become_one_rather_than_be_forgotten()
    {
        Confirm("0001");
        Price("0001", "090000", "100");
        for (var i = 1; i <= 510; i++)
        {
            Happen("0001", Interrupted(GapReason.ConnectionLost));
            Price("0001", $"09{i / 60:00}{i % 60:00}", "100");
        }

        var gaps = StretchesOf(DayOf("0001"));
        gaps.Count.ShouldBe(500);
        gaps[^1].ShouldBe(new Stretch(At(9, 8, 19), At(9, 8, 30), "connectionLost"));
    }

    [Theory]
    [InlineData("2026-11-21T09:00:00+09:00", "090000", "2026-11-21")]
    [InlineData("2026-11-20T16:00:00+09:00", "140959", "2026-11-20")]
    public void A_new_day_and_a_day_that_starts_over_begin_anew(string receivedAt, string time, string date)
    {
        Confirm("0001");
        Price("0001", "090000", "100");
        Price("0001", "151000", "100");
        Happen("0001", Interrupted(GapReason.ConnectionLost));

        Price("0001", time, "200", DateTimeOffset.Parse(receivedAt, CultureInfo.InvariantCulture));

        var day = DayOf("0001");
        day.Date.ShouldBe(DateOnly.Parse(date, CultureInfo.InvariantCulture));
        BarsOf(day).ShouldHaveSingleItem().Close.ShouldBe(200m);
        day.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void A_record_of_yesterday_that_comes_late_is_not_of_today()
    {
        Confirm("0001");
        Price("0001", "000010", "100", new DateTimeOffset(2026, 11, 21, 0, 0, 10, TimeSpan.FromHours(9)));

        Price("0001", "235959", "200", new DateTimeOffset(2026, 11, 21, 0, 0, 11, TimeSpan.FromHours(9)));

        BarsOf(DayOf("0001")).ShouldBe([new DayBar(0, 100m, 100m, 100m, 100m, 1)]);
    }

    [Fact]
    public void What_is_not_registered_and_was_changed_longest_ago_goes_first()
    {
        foreach (var key in (string[])["0001", "1001", "2001"])
        {
            Confirm(key);
            Price(key, "090000", "1");
        }

        Happen("1001", new RegistrationReleased { At = s_nine });
        Happen("0001", new RegistrationReleased { At = s_nine });
        Confirm("0002");
        Known("0001", "1001", "2001", "0002").ShouldBe([true, false, true, true]);
        Confirm("0003");
        Known("0001", "2001", "0002", "0003").ShouldBe([false, true, true, true]);
        Confirm("0004");

        Known("2001", "0002", "0003", "0004").ShouldBe([true, true, true, true], "what is registered stays");
    }

    [Fact]
    public void A_key_of_which_nothing_has_come_is_known_while_it_is_registered()
    {
        Known("0001").ShouldBe([false]);
        Confirm("0001");
        Known("0001").ShouldBe([true]);
        _history.Find(new HubKey(s_index.TrId, "0001"), out _).ShouldBeNull();

        Happen("0001", new RegistrationRefused { At = s_nine, Problem = "no" });

        Known("0001").ShouldBe([false]);
    }

    [Fact]
    public void When_upstream_is_over_data_are_missing_from_then_on()
    {
        Confirm("0001");
        Confirm("1001");
        Price("0001", "090000", "100");

        _history.OnUpstreamEnded("lost");

        StretchesOf(DayOf("0001")).ShouldBe([new Stretch(At(9, 0, 0), To: null, "connectionLost")]);
        Known("0001", "1001").ShouldBe([true, false]);
    }

    [Fact]
    public void Order_notices_are_never_kept()
    {
        _history.OnEvent(new TapItem(new RegistrationConfirmed { At = s_nine, Session = "1" }, s_notice.TrId, s_notice, "anna"));
        Take(s_notice, $"anna{new string('^', s_notice.Layouts[0].Width - 1)}", noticeKey: "anna");

        _history.Find(new HubKey(s_notice.TrId, "anna"), out var isKnown).ShouldBeNull();
        isKnown.ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_allocated_for_records_of_minutes_that_are_there()
    {
        Confirm("0001");
        Confirm("1001");
        var records = string.Join('^', Record(s_index, "0001", "090000", ("prpr_nmix", "5731.23")), Record(s_index, "1001", "090001", ("prpr_nmix", "900.5")));
        var item = Item(s_index, records, 2, s_nine);
        _history.OnFrame(item, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            _history.OnFrame(item, null);

        // Not zero: what a collection amid it leaves unused of the thread's own room counts as allocated.
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
    public void What_stood_on_the_edges_of_a_gap_is_told_with_it()
    {
        Confirm("0001");
        Price("0001", "090410", "100");
        Price("0001", "090412", "102.5");

        Happen("0001", Interrupted(GapReason.ConnectionLost));
        var open = DayOf("0001").Gaps.ShouldHaveSingleItem();
        open.Before.ShouldBe([102.5m]);
        open.After.ShouldBeEmpty();
        Price("0001", "090430", "101");
        Price("0001", "090431", "99");

        var closed = DayOf("0001").Gaps.ShouldHaveSingleItem();
        closed.Before.ShouldBe([102.5m]);
        closed.After.ShouldBe([101m]);
    }

    private static IReadOnlyList<Stretch> StretchesOf(Day day) => [.. day.Gaps.Select(g => new Stretch(g.From, g.To, g.Reason))];

    private static TapItem Item(FeedSchema feed, string records, int count, DateTimeOffset receivedAt)
    {
        var bytes = Encoding.UTF8.GetBytes($"0|{feed.TrId}|{count:000}|{records}");
        DataFrame.TryParse(bytes, out var parsed, out _).ShouldBeTrue();
        feed.TryResolve(parsed, out var shape, out _).ShouldBeTrue();
        return new TapItem(feed, new Frame(bytes, receivedAt), shape);
    }

    private void Confirm(string key, FeedSchema? feed = null) => Happen(key, new RegistrationConfirmed { At = s_nine, Session = "1" }, feed);

    private void Happen(string key, FeedEvent happened, FeedSchema? feed = null) => _history.OnEvent(new TapItem(happened, (feed ?? s_index).TrId, feed ?? s_index, key));

    private void Price(string key, string time, string price, DateTimeOffset? receivedAt = null) => Take(s_index, Record(s_index, key, time, ("prpr_nmix", price)), receivedAt: receivedAt);

    private void Take(FeedSchema feed, string records, int count = 1, DateTimeOffset? receivedAt = null, string? noticeKey = null) =>
        _history.OnFrame(Item(feed, records, count, receivedAt ?? s_nine), noticeKey);

    private Day DayOf(string key, FeedSchema? feed = null) => _history.Find(new HubKey((feed ?? s_index).TrId, key), out _).ShouldNotBeNull();

    /// <summary>A gap without what stood on its edges.</summary>
    private sealed record Stretch(DateTimeOffset From, DateTimeOffset? To, string Reason);

    private IEnumerable<bool> Known(params string[] keys)
    {
        foreach (var key in keys)
        {
            _history.Find(new HubKey(s_index.TrId, key), out var isKnown);
            yield return isKnown;
        }
    }
}
