using FsCheck;
using FsCheck.Fluent;
using KisFeed.Tests.Feeds;

namespace KisFeed.Tests.Wire;

public sealed class ExchangeTimeTests
{
    private static readonly DateOnly s_day = new(2026, 11, 20);

    public static TheoryData<string> TimedFeeds =>
        [.. KisFeeds.Catalog.Feeds.Where(feed => feed.TimeColumn >= 0).Select(feed => feed.TrId)];

    [Theory]
    [InlineData("2026-11-20T00:30:00Z", "09:29:59", "2026-11-20T09:29:59+09:00")]
    [InlineData("2026-11-20T15:00:01Z", "23:59:59", "2026-11-20T23:59:59+09:00")] // received at 00:00:01 of the 21st
    [InlineData("2026-11-20T14:59:59Z", "00:00:01", "2026-11-21T00:00:01+09:00")] // received before midnight, by a slow clock
    [InlineData("2026-11-20T03:00:00+02:00", "10:00:00", "2026-11-20T10:00:00+09:00")]
    [InlineData("2026-12-31T15:00:00Z", "23:59:59", "2026-12-31T23:59:59+09:00")]
    [InlineData("2026-11-20T03:00:00Z", "00:00:00", "2026-11-20T00:00:00+09:00")] // twelve hours exactly
    public void A_time_of_an_unknown_market_gets_the_nearest_date(string receivedAt, string time, string expected)
    {
        var at = ExchangeTime.At(Time(time), Instant(receivedAt));

        at.ShouldBe(Instant(expected));
        at.Offset.ShouldBe(TimeSpan.FromHours(9));
    }

    [Theory]
    [InlineData("2026-11-20T22:00:00")]
    [InlineData("2026-11-21T02:00:00")]
    [InlineData("2026-11-21T06:00:00")]
    public void A_day_received_outside_the_trading_hours_has_one_date(string received)
    {
        var receivedAt = Instant($"{received}+09:00");

        for (var time = new TimeOnly(9, 0); time <= new TimeOnly(15, 30); time = time.AddMinutes(1))
        {
            ExchangeTime.At(time, receivedAt, hasKoreanSession: true).ShouldBe(At(s_day, time), $"{time}");
            ExchangeTime.At(time, receivedAt, statedDay: s_day.AddDays(-7)).ShouldBe(At(s_day.AddDays(-7), time), $"{time}");
            ExchangeTime.At(time, receivedAt, date: s_day.AddDays(-9), statedDay: s_day).ShouldBe(At(s_day.AddDays(-9), time), $"{time}");
        }
    }

    [Theory]
    [InlineData("02:00:00", "01:59:00")]
    [InlineData("06:00:00", "01:59:00")]
    [InlineData("06:05:00", "05:59:59")]
    public void A_night_session_belongs_to_the_day_on_which_it_began(string received, string time)
    {
        var expected = At(s_day.AddDays(1), Time(time));

        ExchangeTime.At(Time(time), At(s_day.AddDays(1), Time(received)), hasKoreanSession: true).ShouldBe(expected);
        ExchangeTime.At(Time(time), At(s_day.AddDays(9), Time(received)), statedDay: s_day, hasKoreanSession: true).ShouldBe(expected);
        ExchangeTime.TradingDayOf(expected).ShouldBe(s_day);
    }

    [Fact]
    public void Every_time_at_the_ends_of_the_calendar_has_a_date()
    {
        var (first, last) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        foreach (var receivedAt in (DateTimeOffset[])[first, first.AddHours(20), last.AddHours(-20), last])
        {
            foreach (var time in new[] { TimeOnly.MinValue, new TimeOnly(12, 0), TimeOnly.MaxValue })
            {
                (ExchangeTime.At(time, receivedAt) - receivedAt).Duration().ShouldBeLessThan(TimeSpan.FromHours(24));
                var at = ExchangeTime.At(time, receivedAt, hasKoreanSession: true);
                (at - receivedAt).Duration().ShouldBeLessThan(TimeSpan.FromHours(48));
                _ = ExchangeTime.At(time, receivedAt, DateOnly.MinValue);
                _ = ExchangeTime.At(time, receivedAt, statedDay: DateOnly.MaxValue);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TimedFeeds))]
    public void Live_records_get_the_true_instant(string trId)
    {
        _ = KisFeeds.Catalog.TryFind(trId, out var feed);
        var cases = from minute in Gen.Choose(0, 366 * 24 * 60)
                    from second in Gen.Choose(0, 59)
                    from delay in Gen.Choose(-599, 599)
                    select (At: At(s_day, default).AddMinutes(minute).AddSeconds(second), Delay: TimeSpan.FromSeconds(delay));

        Prop.ForAll(cases.ToArbitrary(), live =>
        {
            var (fields, typed) = Read(feed!, RecordAt(feed!, live.At), live.At + live.Delay, statedDay: null);
            return fields == live.At && typed == live.At;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Theory]
    [MemberData(nameof(TimedFeeds))]
    public void Simulated_records_have_the_day_that_is_stated_or_their_own(string trId)
    {
        _ = KisFeeds.Catalog.TryFind(trId, out var feed);
        foreach (var hour in (int[])[22, 26, 30])
        {
            var receivedAt = At(s_day.AddDays(5), default).AddHours(hour);
            foreach (var time in (TimeOnly[])[new(9, 0), new(12, 0), new(15, 29, 59)])
            {
                var (fields, typed) = Read(feed!, RecordAt(feed!, At(s_day, time)), receivedAt, s_day);

                fields.ShouldBe(At(s_day, time), $"{time} received at {receivedAt}");
                typed.ShouldBe(At(s_day, time), $"{time} received at {receivedAt}");
            }
        }
    }

    [Fact]
    public void A_record_without_a_date_gets_that_of_its_stream()
    {
        var feed = StockTrade.Krx.Schema;
        var receivedAt = At(s_day.AddDays(5), new TimeOnly(22, 0));

        foreach (var date in (string[])["", "00000000", "0"])
        {
            var record = RecordAt(feed, At(s_day, new TimeOnly(9, 30)));
            record[feed.DateColumn] = date;
            Read(feed, record, receivedAt, s_day).Fields.ShouldBe(At(s_day, new TimeOnly(9, 30)), date);
            Read(feed, record, receivedAt, null).Fields.ShouldBe(At(s_day.AddDays(5), new TimeOnly(9, 30)), date);
        }
    }

    [Fact]
    public void A_record_without_a_receive_time_can_be_printed()
    {
        var trade = new IndexTrade { Code = "0001", Time = new TimeOnly(8, 0) };

        trade.ToString().ShouldContain("Code = 0001");
        trade.Timestamp.ShouldBeNull();
    }

    private static string[] RecordAt(FeedSchema feed, DateTimeOffset at)
    {
        var values = new string[feed.Columns.Length];
        Array.Fill(values, "");
        values[feed.KeyColumn] = feed.KeyExample;
        values[feed.TimeColumn] = at.ToString("HHmmss", CultureInfo.InvariantCulture);
        if (feed.DateColumn >= 0)
            values[feed.DateColumn] = at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        return values;
    }

    // The time by the fields of the record, and by its type.
    private static (DateTimeOffset? Fields, DateTimeOffset? Typed) Read(
        FeedSchema feed, string[] record, DateTimeOffset receivedAt, DateOnly? statedDay)
    {
        var wire = feed.Layouts[^1].WireColumns(feed.Columns).Select(column => record[feed.Columns.IndexOf(column)]);
        var bytes = Encoding.UTF8.GetBytes($"0|{feed.TrId}|001|{string.Join('^', wire)}");
        DataFrame.TryParse(new Frame(bytes, receivedAt) { StatedDay = statedDay }, out var frame, out _).ShouldBeTrue();
        feed.TryResolve(frame, out var shape, out var error).ShouldBeTrue($"{error}");
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        reader.MoveNext().ShouldBeTrue();
        return (ExchangeTime.Of(feed, reader.Current, receivedAt), RecordTypes.Of(feed).TimestampOf(reader.Current, receivedAt));
    }

    private static DateTimeOffset At(DateOnly day, TimeOnly time) => new(day.ToDateTime(time), KoreaTime.Offset);

    private static TimeOnly Time(string text) => TimeOnly.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
