using KisFeed.TestSupport;
using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Bars;
using KisFeed.Capture.Tests;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.Simulator.Market;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests;

/// <summary>The views agree with the library's own computations from the capture.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class ViewTests(Database database) : SinkTest(database)
{
    private static readonly string[] s_feeds = ["H0UPCNT0", "H0BJCNT0", "H0UNPGM0"];

    [Theory]
    [InlineData("H0UPCNT0", "index_trade")]
    [InlineData("H0BJCNT0", "bond_trade")]
    public async Task Bars_of_a_minute_are_those_of_the_capture(string trId, string table)
    {
        WriteDay();
        await StoreAsync();
        var expected = new List<string>();
        await foreach (var bar in new CaptureBars(CaptureReader.Open(Folder.Path, new CaptureReaderOptions { TrIds = [trId] })).ReadAsync())
        {
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"{bar.Key}|{KoreaTime.From(bar.Start):yyyy-MM-dd HH:mm:ss}|"
                + $"{bar.Open}|{bar.High}|{bar.Low}|{bar.Close}|{bar.Volume}|{bar.Trades}"));
        }

        var bars = await QueryAsync("SELECT key, to_char(minute, 'YYYY-MM-DD HH24:MI:SS'), open, high, low, close, volume, trades "
            + $"FROM {table}_minute WHERE trading_day = '2026-11-20' AND feed = '{trId}'");

        expected.Count.ShouldBeGreaterThan(20);
        bars.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_last_record_of_each_key_and_day_is_that_of_the_table()
    {
        WriteDay();
        await StoreAsync(options => options with { MaxBatchText = 50_000 });

        var expected = await QueryAsync("SELECT DISTINCT ON (feed, key) t.* FROM program_trade t ORDER BY feed, key, id DESC, record DESC");

        expected.Length.ShouldBeGreaterThan(2);
        (await QueryAsync("SELECT * FROM program_trade_daily ORDER BY feed, key")).ShouldBe(expected);
        (await QueryAsync("SELECT * FROM program_trade_last ORDER BY feed, key")).ShouldBe(expected);
        (await QueryAsync("SELECT first_id = (SELECT min(id) FROM program_trade t WHERE t.key = k.key) FROM key_day k "
            + "WHERE record_table = 'program_trade'")).ShouldAllBe(isFirst => isFirst == "True");
    }

    [Fact]
    public async Task Conditions_on_the_day_and_the_key_select_what_is_looked_up()
    {
        WriteDay();
        await StoreAsync();

        var daily = await QueryAsync("EXPLAIN SELECT net_volume FROM program_trade_daily WHERE feed = 'H0UNPGM0' AND key = '005930' "
            + "AND trading_day >= '2026-11-01'");
        var last = await QueryAsync("EXPLAIN SELECT net_volume FROM program_trade_last WHERE feed = 'H0UNPGM0' AND key = '005930'");

        daily.ShouldContain(line => line.Contains("record_table", StringComparison.Ordinal)
            && line.Contains("005930", StringComparison.Ordinal)
            && line.Contains("trading_day >=", StringComparison.Ordinal));
        last.ShouldContain(
            line => line.Contains("record_table", StringComparison.Ordinal) && line.Contains("005930", StringComparison.Ordinal));
        daily.Concat(last).ShouldNotContain(
            line => line.Contains("Subquery Scan", StringComparison.Ordinal), "rows would be looked up and then discarded");
    }

    [Fact]
    public async Task A_trade_just_before_midnight_that_is_received_after_it_is_in_the_minute_of_its_own_day()
    {
        using (var writer = Folder.Write())
        {
            var frame = Encoding.UTF8.GetString(Ticks.Index(1)).Replace("^091240^", "^235959^", StringComparison.Ordinal);
            writer.Write("H0UPCNT0", Encoding.UTF8.GetBytes(frame), new DateTimeOffset(2026, 11, 20, 15, 0, 1, TimeSpan.Zero));
            writer.Close();
        }

        await StoreAsync();

        (await QueryAsync("SELECT trading_day::text, minute::text, close FROM index_trade_minute"))
            .ShouldBe(["2026-11-21|2026-11-20 23:59:00|2624.54"]);
    }

    [Theory]
    [InlineData("2026-11-20T22:00:00")]
    [InlineData("2026-11-21T02:00:00")]
    [InlineData("2026-11-21T06:00:00")]
    public async Task The_minutes_of_a_simulated_day_are_on_one_day_whenever_it_is_received(string received)
    {
        var receivedAt = new DateTimeOffset(DateTime.Parse(received, CultureInfo.InvariantCulture), KoreaTime.Offset);
        WriteMinutes(receivedAt, new DateOnly(2026, 11, 16));
        await StoreAsync();

        var minutes = await QueryAsync("SELECT min(minute)::text, max(minute)::text, count(*), sum(trades) FROM index_trade_minute");
        minutes.ShouldBe(["2026-11-16 09:00:00|2026-11-16 15:29:00|390|390"]);
        (await QueryAsync("SELECT min(exchange_time)::text, count(exchange_time) FROM index_trade"))
            .ShouldBe(["2026-11-16 00:00:00+00|390"]);
        (await QueryAsync("SELECT DISTINCT trading_day::text FROM index_trade")).ShouldBe([$"{KoreaTime.From(receivedAt):yyyy-MM-dd}"]);
    }

    private void WriteMinutes(DateTimeOffset receivedAt, DateOnly? day)
    {
        using var writer = Folder.Write();
        for (var minute = 0; minute < 390; minute++)
        {
            var time = new TimeOnly(9, 0).AddMinutes(minute);
            var frame = Encoding.UTF8.GetString(Ticks.Index(minute)).Replace("^091240^", $"^{time:HHmmss}^", StringComparison.Ordinal);
            writer.Write("H0UPCNT0", Encoding.UTF8.GetBytes(frame), receivedAt.AddSeconds(minute), day);
        }

        writer.Close();
    }

    private void WriteDay()
    {
        using var writer = Folder.Write();
        var market = new KoreanMarket(new MarketOptions { Step = TimeSpan.FromMilliseconds(200) });
        foreach (var trId in s_feeds)
        {
            foreach (var instrument in market.Instruments.Where(i => KoreanMarket.IsWellFormed(trId, i.Code)).Take(5))
                market.Open(trId, instrument.Code);
        }

        for (var i = 0; i < 6_000; i++)
        {
            var now = market.Now;
            market.TryStep(new RecordSink(
                (trId, record) => writer.Write(trId, Encoding.UTF8.GetBytes($"0|{trId}|001|{record}"), now)));
        }

        writer.Close();
    }
}
