namespace KisFeed.Simulator.Tests.Market;

public sealed class ProgramTests
{
    private const string Nxt = "H0NXPGM0";
    private const string Consolidated = "H0UNPGM0";
    private const string Krx = "H0STPGM0";

    private static readonly MarketOptions Day = new() { Step = TimeSpan.FromSeconds(5) };

    [Theory]
    [InlineData("005930", 120_000, 230_000)]
    [InlineData("030200", 40_000, 90_000)]
    [InlineData("0000A0", 1, 500_000)]
    public void The_records_of_a_program_trading_day_are_consistent(string code, long minPrice, long maxPrice) => Seeds.Check(10, seed =>
    {
        var recorder = MarketRecorder.Run(Day with { Seed = seed }, 4_600, (Nxt, code), (Consolidated, code), (Krx, code));
        var sums =
            new Dictionary<string, ProgramTrade>(StringComparer.Ordinal) { [Nxt] = default, [Krx] = default, [Consolidated] = default };
        var entries = new Queue<(MarketStream Stream, string Record)>(recorder.Entries);
        while (entries.TryDequeue(out var venue))
        {
            // Every trade is published for its venue and then for both venues together.
            var both = entries.Dequeue();
            venue.Stream.TrId.ShouldBeOneOf(Nxt, Krx);
            both.Stream.TrId.ShouldBe(Consolidated);
            foreach (var (stream, record) in new[] { venue, both })
            {
                var before = sums[stream.TrId];
                var now = MarketRecorder.Decode<ProgramTrade>(stream.TrId, record);
                ShouldFollow(before, now, minPrice, maxPrice);
                sums[stream.TrId] = now;
            }

            Totals(sums[Consolidated]).ShouldBe([.. Totals(sums[Nxt]).Zip(Totals(sums[Krx]), (nxt, krx) => nxt + krx)]);
        }
    });

    [Theory]
    [InlineData(Nxt)]
    [InlineData(Krx)]
    public void A_single_venue_has_a_record_at_every_step(string trId) =>
        MarketRecorder.Run(Day, 500, (trId, "005930")).Entries.Count.ShouldBe(500);

    [Fact]
    public void Both_venues_have_buys_and_sells()
    {
        var recorder = MarketRecorder.Run(Day, 1_000, (Nxt, "000660"), (Krx, "000660"));
        foreach (var trId in new[] { Nxt, Krx })
        {
            var last = recorder.Records<ProgramTrade>(trId, "000660")[^1];
            Totals(last).ShouldAllBe(total => total > 0);
        }
    }

    [Fact]
    public void Nxt_is_never_without_records_for_long() => Seeds.Check(20, seed =>
    {
        var consecutive = 0;
        foreach (var (stream, _) in MarketRecorder.Run(Day with { Seed = seed }, 500, (Nxt, "005930"), (Krx, "005930")).Entries)
        {
            consecutive = stream.TrId == Krx ? consecutive + 1 : 0;
            consecutive.ShouldBeLessThanOrEqualTo(3);
        }
    });

    [Fact]
    public void A_new_day_starts_at_zero()
    {
        var records = MarketRecorder.Run(Day, 4_700, (Consolidated, "005930")).Records<ProgramTrade>(Consolidated, "005930");
        var first = Enumerable.Range(1, records.Count - 1).Single(i => records[i].Time < records[i - 1].Time);
        (records[first].BuyVolume + records[first].SellVolume)!.Value.ShouldBeInRange(1, 10_000);
        (records[first - 1].BuyVolume + records[first - 1].SellVolume)!.Value.ShouldBeGreaterThan(10_000);
    }

    private static void ShouldFollow(in ProgramTrade before, in ProgramTrade now, long minPrice, long maxPrice)
    {
        now.NetVolume.ShouldBe(now.BuyVolume - now.SellVolume);
        now.NetValue.ShouldBe(now.BuyValue - now.SellValue);
        now.RestingNetVolume.ShouldBe(now.RestingBuyVolume - now.RestingSellVolume);
        now.RestingBuyVolume!.Value.ShouldBeGreaterThanOrEqualTo(0);
        now.RestingSellVolume!.Value.ShouldBeGreaterThanOrEqualTo(0);

        var bought = now.BuyVolume!.Value - (before.BuyVolume ?? 0);
        var sold = now.SellVolume!.Value - (before.SellVolume ?? 0);
        Math.Min(bought, sold).ShouldBe(0, "each event is one trade");
        Math.Max(bought, sold).ShouldBeGreaterThan(0);
        ShouldBePriced(bought, now.BuyValue!.Value - (before.BuyValue ?? 0), minPrice, maxPrice);
        ShouldBePriced(sold, now.SellValue!.Value - (before.SellValue ?? 0), minPrice, maxPrice);
    }

    private static void ShouldBePriced(long volume, long value, long minPrice, long maxPrice)
    {
        if (volume == 0)
        {
            value.ShouldBe(0);
            return;
        }

        (value % volume).ShouldBe(0);
        var price = value / volume;
        price.ShouldBeInRange(minPrice, maxPrice);
        (price % TickSize.At(price)).ShouldBe(0);
    }

    private static long[] Totals(in ProgramTrade trade) =>
    [
        trade.SellVolume ?? 0,
        trade.SellValue ?? 0,
        trade.BuyVolume ?? 0,
        trade.BuyValue ?? 0,
        trade.RestingSellVolume ?? 0,
        trade.RestingBuyVolume ?? 0,
    ];
}
