using KisFeed.Feeds;
using KisFeed.Simulator.Market;

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
    public void A_day_of_program_trading_is_coherent(string code, long cheapest, long dearest) => Seeds.Hold(10, seed =>
    {
        var listener = Listener.Hear(Day with { Seed = seed }, 4_600, (Nxt, code), (Consolidated, code), (Krx, code));
        var sums = new Dictionary<string, ProgramTrade>(StringComparer.Ordinal) { [Nxt] = default, [Krx] = default, [Consolidated] = default };
        var told = new Queue<(MarketStream Stream, string Record)>(listener.Told);
        while (told.TryDequeue(out var venue))
        {
            // Every trade is published for its venue and then for both venues together.
            var both = told.Dequeue();
            venue.Stream.TrId.ShouldBeOneOf(Nxt, Krx);
            both.Stream.TrId.ShouldBe(Consolidated);
            foreach (var (stream, record) in new[] { venue, both })
            {
                var before = sums[stream.TrId];
                var now = Listener.Decode<ProgramTrade>(stream.TrId, record);
                ShouldFollow(before, now, cheapest, dearest);
                sums[stream.TrId] = now;
            }

            Totals(sums[Consolidated]).ShouldBe([.. Totals(sums[Nxt]).Zip(Totals(sums[Krx]), (nxt, krx) => nxt + krx)]);
        }
    });

    [Theory]
    [InlineData(Nxt)]
    [InlineData(Krx)]
    public void A_venue_alone_is_told_of_at_every_step(string trId) =>
        Listener.Hear(Day, 500, (trId, "005930")).Told.Count.ShouldBe(500);

    [Fact]
    public void Programs_both_buy_and_sell_at_both_venues()
    {
        var listener = Listener.Hear(Day, 1_000, (Nxt, "000660"), (Krx, "000660"));
        foreach (var trId in new[] { Nxt, Krx })
        {
            var last = listener.Records<ProgramTrade>(trId, "000660")[^1];
            Totals(last).ShouldAllBe(total => total > 0);
        }
    }

    [Fact]
    public void Nxt_is_never_silent_for_long() => Seeds.Hold(20, seed =>
    {
        var inARow = 0;
        foreach (var (stream, _) in Listener.Hear(Day with { Seed = seed }, 500, (Nxt, "005930"), (Krx, "005930")).Told)
        {
            inARow = stream.TrId == Krx ? inARow + 1 : 0;
            inARow.ShouldBeLessThanOrEqualTo(3);
        }
    });

    [Fact]
    public void A_new_day_starts_from_nothing()
    {
        var records = Listener.Hear(Day, 4_700, (Consolidated, "005930")).Records<ProgramTrade>(Consolidated, "005930");
        var first = Enumerable.Range(1, records.Count - 1).Single(i => records[i].Time < records[i - 1].Time);
        (records[first].BuyVolume + records[first].SellVolume)!.Value.ShouldBeInRange(1, 10_000);
        (records[first - 1].BuyVolume + records[first - 1].SellVolume)!.Value.ShouldBeGreaterThan(10_000);
    }

    private static void ShouldFollow(in ProgramTrade before, in ProgramTrade now, long cheapest, long dearest)
    {
        now.NetVolume.ShouldBe(now.BuyVolume - now.SellVolume);
        now.NetValue.ShouldBe(now.BuyValue - now.SellValue);
        now.RestingNetVolume.ShouldBe(now.RestingBuyVolume - now.RestingSellVolume);
        now.RestingBuyVolume!.Value.ShouldBeGreaterThanOrEqualTo(0);
        now.RestingSellVolume!.Value.ShouldBeGreaterThanOrEqualTo(0);

        var bought = now.BuyVolume!.Value - (before.BuyVolume ?? 0);
        var sold = now.SellVolume!.Value - (before.SellVolume ?? 0);
        Math.Min(bought, sold).ShouldBe(0, "an event is one trade");
        Math.Max(bought, sold).ShouldBeGreaterThan(0);
        ShouldBePriced(bought, now.BuyValue!.Value - (before.BuyValue ?? 0), cheapest, dearest);
        ShouldBePriced(sold, now.SellValue!.Value - (before.SellValue ?? 0), cheapest, dearest);
    }

    private static void ShouldBePriced(long volume, long value, long cheapest, long dearest)
    {
        if (volume == 0)
        {
            value.ShouldBe(0);
            return;
        }

        (value % volume).ShouldBe(0);
        var price = value / volume;
        price.ShouldBeInRange(cheapest, dearest);
        (price % TickSize.At(price)).ShouldBe(0);
    }

    private static long[] Totals(in ProgramTrade trade) =>
    [
        trade.SellVolume ?? 0, trade.SellValue ?? 0, trade.BuyVolume ?? 0, trade.BuyValue ?? 0, trade.RestingSellVolume ?? 0, trade.RestingBuyVolume ?? 0,
    ];
}
