using KisFeed.Capture.Bars;

namespace KisFeed.Capture.Tests.Bars;

/// <summary>Bars of captures: prices, volumes, and missed volume.</summary>
public sealed class BarTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_bar_has_open_high_low_and_close_prices_and_the_sums_of_its_trades()
    {
        Write(
            Trade(0, "090001", "10.50", 1, 101),
            Trade(1, "090030", "12.00", 2, 103),
            Trade(2, "090059", "9.25", 3, 106),
            Trade(3, "090100", "9.50", 4, 110));

        var bars = await ReadAsync();

        bars.Select(Text).ShouldBe(
            [
                "09:00:00 10.50 12.00 9.25 9.25 volume 6 turnover 60 trades 3 missed 0",
                "09:01:00 9.50 9.50 9.50 9.50 volume 4 turnover 40 trades 1 missed 0",
            ]);
        bars[0].Start.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(9)));
        (bars[0].TrId, bars[0].Key).ShouldBe(("H0UPCNT0", "0001"));
    }

    [Fact]
    public async Task Every_record_of_a_frame_counts_and_each_key_has_its_own_bars()
    {
        var frame = $"0|H0UPCNT0|003|{Record("090001", "1", 1, 1)}^{Record("090001", "5", 2, 2, "1001")}^{Record("090002", "2", 1, 2)}";
        Write((0, frame));

        (await ReadAsync()).OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => $"{b.Key} {Text(b)}").ShouldBe(
            [
                "0001 09:00:00 1 2 1 2 volume 2 turnover 20 trades 2 missed 0",
                "1001 09:00:00 5 5 5 5 volume 2 turnover 20 trades 1 missed 0",
            ]);
    }

    [Fact]
    public async Task Volume_traded_in_a_gap_is_missed_volume_of_the_next_bar_and_both_bars_are_marked()
    {
        Write(
            writer =>
            {
                Put(writer, Trade(0, "090001", "10", 1, 1));
                Put(writer, Trade(1, "090130", "10", 1, 2));
                writer.Write(new CaptureEvent
                {
                    Kind = CaptureEventKind.Gap,
                    At = Ticks.At(2),
                    TrId = "H0UPCNT0",
                    Key = "0001",
                    Reason = GapReason.ConnectionLost,
                    From = Ticks.At(1),
                });
                Put(writer, Trade(3, "090510", "10", 2, 50));
                Put(writer, Trade(4, "090610", "10", 1, 51));
            });

        var bars = await ReadAsync();

        bars.Select(Text).ShouldBe(
        [
            "09:00:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0",
            "09:01:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0 gap",
            "09:05:00 10 10 10 10 volume 2 turnover 20 trades 1 missed 46 gap",
            "09:06:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0",
        ]);
    }

    [Fact]
    public async Task A_late_record_changes_no_bar_but_its_volume_is_counted()
    {
        Write(
            Trade(0, "090059", "10", 1, 1), Trade(1, "090101", "11", 1, 2), Trade(2, "090058", "99", 5, 7), Trade(3, "090102", "11", 1, 8));

        var capture = Bars();
        var bars = await ReadAsync(capture);

        bars.Select(Text).ShouldBe(
            [
                "09:00:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0",
                "09:01:00 11 11 11 11 volume 2 turnover 20 trades 2 missed 5 late 1",
            ]);
        (capture.Counts.Late, capture.Counts.LateVolume).ShouldBe((1, 5m));
    }

    [Fact]
    public async Task Records_out_of_order_within_a_bar_all_count()
    {
        Write(
            Trade(0, "090001", "10", 1, 1), Trade(1, "090002", "11", 2, 6), Trade(2, "090002", "12", 3, 4), Trade(3, "090003", "10", 1, 7));

        (await ReadAsync()).Select(Text).ShouldBe(["09:00:00 10 12 10 10 volume 7 turnover 70 trades 4 missed 0"]);
    }

    [Fact]
    public async Task A_repeated_record_is_not_counted_again()
    {
        Write(Trade(0, "090001", "10", 1, 1), Trade(1, "090002", "11", 4, 5), Trade(2, "090002", "11", 4, 5));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 11 10 11 volume 5 turnover 50 trades 3 missed 0"]);
        capture.Counts.Repeated.ShouldBe(1);
    }

    [Fact]
    public async Task A_cumulative_volume_that_restarts_within_the_day_is_reported()
    {
        Write(Trade(0, "090001", "10", 1, 100), Trade(1, "090002", "10", 3, 3), Trade(2, "090003", "10", 1, 4));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 5 turnover 50 trades 3 missed 0 gap"]);
        capture.Counts.Restarts.ShouldBe(1);
    }

    [Fact]
    public async Task Each_day_is_counted_separately()
    {
        Write((0, Frame(Record("152959", "10", 1, 900))), (86_400_000, Frame(Record("090001", "20", 2, 2))));

        var capture = Bars(TimeSpan.FromDays(1));
        (await ReadAsync(capture)).Select(b => $"{b.Start:dd} {Text(b)}").ShouldBe(
            [
                "20 00:00:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0",
                "21 00:00:00 20 20 20 20 volume 2 turnover 20 trades 1 missed 0",
            ]);
        (capture.Counts.Restarts, capture.Counts.Excess).ShouldBe((0, 0m));
    }

    [Fact]
    public async Task Record_volumes_that_exceed_the_growth_of_the_total_are_reported()
    {
        Write(Trade(0, "090001", "10", 1, 1), Trade(1, "090002", "10", 9, 3));

        var capture = Bars();
        await ReadAsync(capture);
        capture.Counts.Excess.ShouldBe(7);
    }

    [Fact]
    public async Task Absent_and_malformed_values_are_skipped()
    {
        Write(
            Trade(0, "090001", "", 1, 1), (1, "0|H0UPCNT0|001|0001^x"), (2, Frame(Record("", "10", 2, 3))), Trade(3, "090002", "10", 1, 4));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 2 turnover 20 trades 2 missed 2"]);
        (capture.Counts.Malformed, capture.Counts.Untimed).ShouldBe((1, 1));
    }

    [Fact]
    public async Task Feeds_without_a_price_are_listed()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(1));
            writer.Close();
        }

        var capture = Bars();
        (await ReadAsync(capture)).ShouldBeEmpty();
        capture.Counts.WithoutPrice.ShouldBe(["H0IFCNI0"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(0.5)]
    [InlineData(172_800)]
    public void An_interval_that_does_not_divide_a_day_is_rejected(double seconds) =>
        Should.Throw<ArgumentException>(() => Bars(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public async Task Volume_and_missed_volume_equal_the_growth_with_lost_late_and_repeated_records()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        var expected = 0L;
        var total = 1000L;
        Write(writer =>
        {
            var second = 0;
            var at = 0;
            var first = true;
            (int, string)? delayed = null;
            for (var i = 0; i < 3_000; i++)
            {
                second += random.Next(3);
                var own = random.Next(1, 10);
                total += own;
                var trade = (++at, Frame(Record(Time(second), "10", own, total)));
                var fate = first ? 9 : random.Next(10);
                if (first)
                    expected = -(total - own);
                first = false;
                if (fate == 0 && i < 2_990)
                    continue; // lost
                if (fate == 1 && delayed is null && i < 2_990)
                {
                    delayed = trade; // delivered later
                    continue;
                }

                Put(writer, (++at, trade.Item2));
                if (fate == 2)
                    Put(writer, (++at, trade.Item2)); // twice
                if (delayed is { } late && random.Next(3) == 0)
                {
                    Put(writer, (++at, late.Item2));
                    delayed = null;
                }
            }
        });
        expected += total;

        var capture = Bars(TimeSpan.FromSeconds(10));
        var bars = await ReadAsync(capture);

        (bars.Sum(b => b.Volume + b.MissedVolume) - capture.Counts.Excess).ShouldBe(expected, $"seed {seed}");
        capture.Counts.Late.ShouldBeGreaterThan(0, $"seed {seed}");
        capture.Counts.Repeated.ShouldBeGreaterThan(0, $"seed {seed}");
        (bars.Sum(b => b.Trades) + capture.Counts.Late).ShouldBe(capture.Counts.Frames, $"seed {seed}");

        static string Time(int second) =>
            new TimeOnly(9, 0).Add(TimeSpan.FromSeconds(second)).ToString("HHmmss", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_repeated_frame_of_many_records_is_not_counted_again_and_does_not_hide_lost_records()
    {
        var frame = $"0|H0UPCNT0|003|{Record("090001", "10", 10, 10)}^{Record("090001", "11", 10, 20)}^{Record("090001", "12", 10, 30)}";
        Write((0, frame), (500, frame), Trade(1000, "090002", "13", 10, 60), (1500, frame));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 13 10 12 volume 40 turnover 400 trades 10 missed 20"]);
        (capture.Counts.Repeated, capture.Counts.Excess).ShouldBe((6, 0m));
    }

    [Fact]
    public async Task Record_volumes_that_exceed_the_growth_do_not_hide_a_later_loss()
    {
        Write(Trade(0, "090001", "10", 1, 1), Trade(1, "090002", "10", 9, 3), Trade(2, "090003", "10", 1, 8));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 4 turnover 110 trades 3 missed 4"]);
        capture.Counts.Excess.ShouldBe(7);
    }

    [Fact]
    public async Task A_late_record_is_missed_once_and_distinguished_from_a_repeated_one()
    {
        Write(
            Trade(0, "090001", "10", 1, 1),
            Trade(1, "090059", "10", 2, 8), // 5 are missing; they were counted when the bar was finished
            Trade(2, "090100", "10", 1, 9),
            Trade(3, "090002", "10", 3, 4), // some of them arrive late
            Trade(4, "090002", "10", 3, 4), // twice
            Trade(5, "090001", "10", 1, 1)); // and another record is repeated

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(
            [
                "09:00:00 10 10 10 10 volume 3 turnover 30 trades 2 missed 5",
                "09:01:00 10 10 10 10 volume 1 turnover 10 trades 1 missed 0 late 3",
            ]);
        (capture.Counts.Late, capture.Counts.LateVolume, capture.Counts.Repeated).ShouldBe((3, 3m, 2));
    }

    [Fact]
    public async Task Records_from_before_the_first_one_count_as_growth()
    {
        Write(Trade(0, "090001", "10", 2, 10), Trade(1, "090001", "10", 3, 6), Trade(2, "090002", "10", 1, 11));

        (await ReadAsync()).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 6 turnover 60 trades 3 missed 2"]);
    }

    [Fact]
    public async Task Records_from_before_a_restarted_volume_do_not_count_as_growth()
    {
        Write(
            Trade(0, "090001", "10", 1, 100),
            Trade(1, "090002", "10", 3, 3),
            Trade(2, "090001", "10", 1, 100),
            Trade(3, "090003", "10", 1, 4));

        (await ReadAsync()).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 5 turnover 50 trades 4 missed 0 gap"]);
    }

    [Fact]
    public async Task A_record_without_a_total_is_included_in_the_growth_of_the_next()
    {
        Write(
            Trade(0, "090001", "10", 1, 100),
            (1, Frame(Record("090002", "10", 3, 103).Replace("^103^", "^^", StringComparison.Ordinal))),
            Trade(2, "090003", "10", 1, 106));

        var capture = Bars();
        (await ReadAsync(capture)).Select(Text).ShouldBe(["09:00:00 10 10 10 10 volume 5 turnover 50 trades 3 missed 2"]);
        capture.Counts.Excess.ShouldBe(0);
    }

    [Theory]
    [InlineData(4711)]
    [InlineData(null)]
    public async Task A_trade_received_in_its_bar_counts_once_and_all_others_are_missed(int? known)
    {
        var seed = known ?? TestRun.Seed;
        var random = new Random(seed);
        var sent = RandomFrames.Of(random, frames: 600);
        Write([.. sent.Frames.Select((frame, i) => (i,
            $"0|H0UPCNT0|{frame.Length:000}|{string.Join('^', frame.Select(t => Record(t.Time, "10", t.Volume, t.Total)))}"))]);

        var capture = Bars(RandomFrames.Interval);
        var bars = await ReadAsync(capture);

        bars.Sum(b => b.Volume + b.MissedVolume).ShouldBe(sent.Growth, $"seed {seed}");
        bars.Select(b => (b.Start.TimeOfDay, b.Volume, b.Turnover))
            .ShouldBe(sent.Bars.Select(b => (b.Start, (decimal?)b.Volume, (decimal?)(b.Volume * 10))), $"seed {seed}");
        (capture.Counts.Late, capture.Counts.Excess, capture.Counts.Restarts).ShouldBe((sent.Late, 0m, 0), $"seed {seed}");
        (bars.Sum(b => b.Trades) + capture.Counts.Late).ShouldBe(sent.Frames.Sum(f => f.Length), $"seed {seed}");
    }

    public void Dispose() => _folder.Dispose();

    private static (int At, string Frame) Trade(int at, string time, string price, int volume, long total) =>
        (at, Frame(Record(time, price, volume, total)));

    private static string Frame(string record) => $"0|H0UPCNT0|001|{record}";

    private static string Record(string time, string price, int volume, long total, string key = "0001") => string.Create(
        CultureInfo.InvariantCulture,
        $"{key}^{time}^{price}^2^32.68^{total}^{total * 10}^{volume}^{volume * 10}^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0."
            + $"92^1.27^0.70^0^670^72^177^0^0^0^19");

    private static void Put(CaptureWriter writer, (int At, string Frame) trade) =>
        writer.Write("H0UPCNT0", Encoding.UTF8.GetBytes(trade.Frame), Ticks.At(trade.At));

    private static string Text(Bar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{bar.Start:HH:mm:ss} {bar.Open} {bar.High} {bar.Low} {bar.Close} volume {bar.Volume} turnover {bar.Turnover} trades {bar.Trades} "
            + $"missed {bar.MissedVolume}{(bar.HasGap ? " gap" : "")}{(bar.Late > 0 ? $" late {bar.Late}" : "")}");

    private void Write(params (int At, string Frame)[] trades) => Write(writer =>
    {
        foreach (var trade in trades)
            Put(writer, trade);
    });

    private void Write(Action<CaptureWriter> write)
    {
        using var writer = _folder.Write();
        write(writer);
        writer.Close();
    }

    private CaptureBars Bars(TimeSpan? interval = null) => new(Reader(), new BarOptions { Interval = interval ?? TimeSpan.FromMinutes(1) });

    private CaptureReader Reader()
    {
        if (_folder.Files.Length == 0)
            Write(Trade(0, "090000", "1", 1, 1));
        return CaptureReader.Open(_folder.Path);
    }

    private Task<List<Bar>> ReadAsync() => ReadAsync(Bars());

    private static async Task<List<Bar>> ReadAsync(CaptureBars capture)
    {
        List<Bar> bars = [];
        await foreach (var bar in capture.ReadAsync())
            bars.Add(bar);
        return bars;
    }
}
