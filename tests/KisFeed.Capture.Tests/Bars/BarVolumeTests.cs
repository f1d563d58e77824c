using KisFeed.Capture.Bars;

namespace KisFeed.Capture.Tests.Bars;

/// <summary>
/// Bars of feeds with other volumes and turnovers than those of index trades: none, cumulative ones only, or net ones in a group.
/// </summary>
public sealed class BarVolumeTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Expected_quantities_of_an_auction_are_not_traded_volume()
    {
        Write(writer =>
        {
            Put(writer, 0, ExpectedIndex("085901", 10, 5, 100));
            Put(writer, 1, ExpectedIndex("085902", 11, 5, 900));
        });

        var capture = new CaptureBars(CaptureReader.Open(_folder.Path));
        (await ReadAsync(capture)).Select(Text).ShouldBe(["08:59:00 10 11 10 11 volume  turnover  trades 2 missed "]);
        (capture.Counts.Excess, capture.Counts.Restarts).ShouldBe((0m, 0));
    }

    [Fact]
    public async Task Turnover_is_the_growth_of_the_cumulative_one_if_records_have_none_of_their_own()
    {
        Write(writer =>
        {
            Put(writer, 0, StockTrade("090001", 100, 3, 3, 300)); // the first trade of the day
            Put(writer, 1, StockTrade("090002", 110, 2, 5, 520));
            Put(writer, 2, StockTrade("090003", 110, 2, 5, 520)); // sent twice
            Put(writer, 3, StockTrade("090101", 120, 1, 8, 870)); // after a loss of 2
            Put(writer, 4, StockTrade("090102", 120, 1, 9, 990));
        });

        (await ReadAsync()).Select(Text).ShouldBe(
            [
                "09:00:00 100 110 100 110 volume 5 turnover 520 trades 3 missed 0",
                "09:01:00 120 120 120 120 volume 2 turnover 470 trades 2 missed 2",
            ]);
    }

    [Fact]
    public async Task The_first_record_of_a_capture_that_began_within_the_day_has_no_turnover()
    {
        Write(writer =>
        {
            Put(writer, 0, StockTrade("100001", 100, 3, 300, 30_000));
            Put(writer, 1, StockTrade("100101", 110, 2, 302, 30_220));
        });

        (await ReadAsync()).Select(Text).ShouldBe(
            [
                "10:00:00 100 100 100 100 volume 3 turnover  trades 1 missed 0",
                "10:01:00 110 110 110 110 volume 2 turnover 220 trades 1 missed 0",
            ]);
    }

    [Fact]
    public async Task Program_trading_of_a_whole_market_has_bars()
    {
        Write(writer =>
        {
            Put(writer, 0, Program("090001", 10, 30, 100, 300));
            Put(writer, 1, Program("090031", 15, 31, 150, 310));
        });

        var bar = (await ReadAsync()).ShouldHaveSingleItem();

        (bar.Volume, bar.Turnover, bar.NetVolume, bar.NetTurnover).ShouldBe((6m, 60m, -4m, -40m));
    }

    public void Dispose() => _folder.Dispose();

    private static string StockTrade(string time, int price, int volume, long total, long turnover)
    {
        var fields = Enumerable.Repeat("0", 46).ToArray();
        (fields[0], fields[1], fields[2]) = ("005930", time, $"{price}");
        (fields[12], fields[13], fields[14]) = ($"{volume}", $"{total}", $"{turnover}");
        fields[33] = "20261120";
        return $"0|H0UNCNT0|001|{string.Join('^', fields)}";
    }

    private static string ExpectedIndex(string time, int price, int quantity, int total)
    {
        var fields = Enumerable.Repeat("0", 30).ToArray();
        (fields[0], fields[1], fields[2], fields[5], fields[6], fields[7]) =
            ("0001", time, $"{price}", $"{total}", $"{total * 10}", $"{quantity}");
        return $"0|H0UPANC0|001|{string.Join('^', fields)}";
    }

    private static string Program(string time, int sold, int bought, int soldValue, int boughtValue)
    {
        var feed = IndexProgramTrade.Feed.Schema;
        var values = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["bstp_cls_code"] = "0001",
            ["bsop_hour"] = time,
            ["total_seln_qty"] = sold,
            ["shnu_cntg_smtn"] = bought,
            ["total_seln_tr_pbmn"] = soldValue,
            ["total_shnu_tr_pbmn"] = boughtValue,
            ["whol_ntby_qty"] = bought - sold,
            ["whol_ntby_tr_pbmn"] = boughtValue - soldValue,
        };
        return $"0|H0UPPGM0|001|{string.Join('^', feed.Columns.Select(c => values.GetValueOrDefault(c.Element, 0)))}";
    }

    private static void Put(CaptureWriter writer, int at, string frame) =>
        writer.Write(frame.Split('|')[1], Encoding.UTF8.GetBytes(frame), Ticks.At(at));

    private static string Text(Bar bar) => string.Create(
        CultureInfo.InvariantCulture,
        $"{bar.Start:HH:mm:ss} {bar.Open} {bar.High} {bar.Low} {bar.Close} volume {bar.Volume} turnover {bar.Turnover} trades "
            + $"{bar.Trades} missed {bar.MissedVolume}");

    private void Write(Action<CaptureWriter> write)
    {
        using var writer = _folder.Write();
        write(writer);
        writer.Close();
    }

    private Task<List<Bar>> ReadAsync() => ReadAsync(new CaptureBars(CaptureReader.Open(_folder.Path)));

    private static async Task<List<Bar>> ReadAsync(CaptureBars capture)
    {
        List<Bar> bars = [];
        await foreach (var bar in capture.ReadAsync())
            bars.Add(bar);
        return bars;
    }
}
