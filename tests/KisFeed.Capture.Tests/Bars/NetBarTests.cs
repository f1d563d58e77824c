using KisFeed.Capture.Bars;

namespace KisFeed.Capture.Tests.Bars;

/// <summary>Bars of program trading, which has cumulative volumes sold and bought but no prices.</summary>
public sealed class NetBarTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task A_bar_is_the_growth_of_the_totals_and_the_first_record_has_no_predecessor()
    {
        var bars = await ReadAsync(
            Totals("090001", 1_000, 5_000), Totals("090130", 1_010, 5_100), Totals("090159", 1_050, 5_100), Totals("090200", 1_050, 5_101));

        bars.Select(Text)
            .ShouldBe(["09:00 net  volume 0 missed 0/0", "09:01 net 50 volume 150 missed 0/0", "09:02 net 1 volume 1 missed 0/0"]);
        (bars[1].NetTurnover, bars[1].Turnover, bars[1].Trades, bars[1].Open).ShouldBe((500m, 1_500m, 2L, null));
    }

    [Fact]
    public async Task Growth_in_a_gap_is_missed_and_both_bars_are_marked()
    {
        using (var writer = _folder.Write())
        {
            Put(writer, 0, Totals("090001", 100, 100));
            Put(writer, 1, Totals("090002", 110, 130));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(2),
                TrId = "H0UNPGM0",
                Key = "005930",
                Reason = GapReason.ConnectionLost,
                From = Ticks.At(1),
            });
            Put(writer, 3, Totals("090501", 200, 180));
            Put(writer, 4, Totals("090502", 200, 187));
            writer.Close();
        }

        (await ReadAsync()).Select(Text).ShouldBe(["09:00 net 20 volume 40 missed 0/0 gap", "09:05 net 7 volume 7 missed 140/-40 gap"]);
    }

    [Fact]
    public async Task Late_and_unordered_records_change_nothing_and_a_restart_is_marked()
    {
        var bars = await ReadAsync(
            Totals("090001", 10, 10), Totals("090010", 20, 30), Totals("090010", 15, 15), Totals("090100", 20, 31),
            Totals("090059", 20, 30), Totals("090101", 0, 4), Totals("090102", 0, 6));

        bars.Select(Text).ShouldBe(["09:00 net 10 volume 30 missed 0/0", "09:01 net 3 volume 3 missed 0/0 gap late 1"]);
    }

    [Fact]
    public async Task Growth_around_a_record_without_a_time_is_missed()
    {
        var bars = await ReadAsync(Totals("090001", 0, 10), Totals("", 0, 12), Totals("090003", 0, 15), Totals("090004", 0, 16));
        bars.Select(Text).ShouldBe(["09:00 net 1 volume 1 missed 5/5"]);
    }

    [Fact]
    public async Task Each_day_starts_with_its_own_first_record()
    {
        using (var writer = _folder.Write())
        {
            Put(writer, 0, Totals("152900", 100, 300));
            Put(writer, 1, Totals("152901", 100, 301));
            writer.Write("H0UNPGM0", Encoding.UTF8.GetBytes(Totals("090000", 500, 900)), Ticks.At(0).AddDays(1));
            writer.Write("H0UNPGM0", Encoding.UTF8.GetBytes(Totals("090030", 500, 950)), Ticks.At(1).AddDays(1));
            writer.Close();
        }

        (await ReadAsync()).Select(Text).ShouldBe(["15:29 net 1 volume 1 missed 0/0", "09:00 net 50 volume 50 missed 0/0"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Volume_and_missed_volume_equal_the_growth(int seed)
    {
        var random = new Random(seed);
        var (sold, bought) = (1_000L, 1_000L);
        var time = new TimeOnly(9, 0);
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 500; i++)
            {
                Put(writer, i, Totals(time.ToString("HHmmss", CultureInfo.InvariantCulture), sold, bought));
                if (random.Next(20) == 0)
                {
                    writer.Write(new CaptureEvent
                    {
                        Kind = CaptureEventKind.Gap,
                        At = Ticks.At(i),
                        TrId = "H0UNPGM0",
                        Key = "005930",
                        Reason = GapReason.Silence,
                    });
                }
                if (i == 499)
                    break;
                (sold, bought) = (sold + random.Next(50), bought + random.Next(50));
                time = time.Add(TimeSpan.FromSeconds(random.Next(20)));
            }

            writer.Close();
        }

        var bars = await ReadAsync();

        bars.Sum(bar => (bar.NetVolume ?? 0) + bar.MissedNetVolume).ShouldBe(bought - sold);
        bars.Sum(bar => bar.Volume + bar.MissedVolume).ShouldBe(bought + sold - 2_000);
    }

    public void Dispose() => _folder.Dispose();

    private static string Totals(string time, long sold, long bought) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"0|H0UNPGM0|001|005930^{time}^{sold}^{sold * 10}^{bought}^{bought * 10}^{bought - sold}^{(bought - sold) * 10}^5^6^1");

    private static void Put(CaptureWriter writer, int at, string frame) =>
        writer.Write("H0UNPGM0", Encoding.UTF8.GetBytes(frame), Ticks.At(at));

    private static string Text(Bar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{bar.Start:HH:mm} net {bar.NetVolume} volume {bar.Volume} missed "
            + $"{bar.MissedVolume}/{bar.MissedNetVolume}{(bar.HasGap ? " gap" : "")}{(bar.Late > 0 ? $" late {bar.Late}" : "")}");

    private async Task<List<Bar>> ReadAsync(params string[] frames)
    {
        if (frames.Length > 0)
        {
            using var writer = _folder.Write();
            for (var i = 0; i < frames.Length; i++)
                Put(writer, i, frames[i]);
            writer.Close();
        }

        List<Bar> bars = [];
        await foreach (var bar in new CaptureBars(CaptureReader.Open(_folder.Path)).ReadAsync())
            bars.Add(bar);
        return bars;
    }
}
