using System.Text.Json;
using KisFeed.Output;
using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Order books, rankings and other groups of columns.</summary>
public sealed class ColumnGroupTests
{
    [Fact]
    public void The_levels_of_a_book_are_read_by_index()
    {
        var book = Decoding.Record<StockOrderBook>(StockOrderBook.Krx.Schema, Samples.Of("H0STASP0"));

        book.Asks.Count.ShouldBe(10);
        book.Asks[0].ShouldBe(new BookLevel { Price = 71900, Quantity = 91918 });
        book.Asks[9].ShouldBe(new BookLevel { Price = 72800, Quantity = 104229 });
        book.Bids[0].ShouldBe(new BookLevel { Price = 71800, Quantity = 95221 });
        book.Bids[9].Quantity.ShouldBe(158171);
        book.Spread.ShouldBe(100);
        book.TotalAskQuantity.ShouldBe(1159362);
        book.TotalBidQuantity.ShouldBe(2095167);
        Should.Throw<ArgumentOutOfRangeException>(() => book.Asks[10].Price);
        Should.Throw<ArgumentOutOfRangeException>(() => book.Asks[-1].Price);
    }

    [Fact]
    public void Levels_are_enumerated_and_copied()
    {
        var book = Decoding.Record<StockOrderBook>(StockOrderBook.Krx.Schema, Samples.Of("H0STASP0"));
        var total = 0L;
        foreach (var level in book.Asks)
            total += level.Quantity ?? 0;

        total.ShouldBe(book.TotalAskQuantity!.Value);
        book.Asks.ToArray().Select(level => level.Price).ShouldBe(Enumerable.Range(0, 10).Select(i => (decimal?)(71900 + (100 * i))));
    }

    [Fact]
    public void Levels_are_set_from_a_list()
    {
        var book = new StockOrderBook
        {
            Code = "005930",
            Asks = [new BookLevel { Price = 101.5m, Quantity = 7 }, new BookLevel { Price = 102, Quantity = 8 }],
            Bids = [new BookLevel { Price = 101, Quantity = 9 }],
        };

        (book.Asks[1].Price, book.Asks[2].Price, book.Bids[0].Quantity, book.Spread).ShouldBe((102m, null, 9L, 0.5m));
        (book with { Asks = [] }).Spread.ShouldBeNull();
        (book with { Asks = [new BookLevel { Price = 101.5m, Quantity = 7 }, new BookLevel { Price = 102, Quantity = 8 }] }).ShouldBe(book);
        (book with { Bids = [new BookLevel { Price = 100 }] }).ShouldNotBe(book);
        book.GetHashCode().ShouldBe((book with { }).GetHashCode());
        book.ToString().ShouldContain("Asks = [BookLevel { Price = 101.5, Quantity = 7");
        Should.Throw<ArgumentException>(() => (book with { Asks = Repeated.Create<BookLevel>(new BookLevel[11]) }).Spread);
    }

    [Fact]
    public void A_missing_price_has_no_spread()
    {
        var frame = Samples.Of("H0STASP0").Replace("^71900^72000", "^0^72000", StringComparison.Ordinal);

        Decoding.Record<StockOrderBook>(StockOrderBook.Krx.Schema, frame).Spread.ShouldBeNull();
    }

    [Fact]
    public void Levels_that_the_layout_splits_belong_together()
    {
        var book = Decoding.Record<StockOptionOrderBook>(StockOptionOrderBook.Feed.Schema, Samples.Of("H0ZOASP0"));

        book.Asks.ToArray().Select(level => level.Price).ShouldBe([1140, 1160, 1200, 1300, 1400, 1500, 1520, 1700, 0, 0]);
        book.Bids[4].ShouldBe(new BookLevel { Price = 530, Quantity = 3, Orders = 1 });
        book.Asks[5].ShouldBe(new BookLevel { Price = 1500, Quantity = 10, Orders = 1 });
    }

    [Fact]
    public void Columns_of_a_level_next_to_each_other_belong_together()
    {
        var bond = Decoding.Record<BondOrderBook>(BondOrderBook.Feed.Schema, Samples.Of("H0BJASP0"));
        var overseas = Decoding.Record<OverseasOrderBook>(OverseasOrderBook.Feed.Schema, Samples.Of("HDFSASP0"));

        bond.Asks[0].ShouldBe(new BookLevel { Yield = 3.012m, Price = 10575, Quantity = 416090 });
        bond.Bids[4].ShouldBe(new BookLevel { Yield = 3.025m, Price = 10550, Quantity = 379920 });
        overseas.Bids[0].ShouldBe(new BookLevel { Price = 182.85m, Quantity = 350, QuantityChange = 0 });
        overseas.Asks[0].ShouldBe(new BookLevel { Price = 182.87m, Quantity = 57, QuantityChange = -10 });
        overseas.Asks[9].ShouldBe(new BookLevel { Price = 183.01m, Quantity = 98, QuantityChange = 0 });
    }

    [Fact]
    public void The_quotes_of_a_liquidity_provider_belong_to_their_levels()
    {
        var fields = Samples.Of("H0EWASP0").Split('^');
        string[] elements = [.. ElwOrderBook.Columns.Select(c => c.Element)];
        fields[Array.IndexOf(elements, "lp_bidp_rsqn4")] = "44";
        fields[Array.IndexOf(elements, "lp_askp_rsqn10")] = "100";

        var book = Decoding.Record<ElwOrderBook>(ElwOrderBook.Feed.Schema, string.Join('^', fields));

        (book.Bids[3].LpQuantity, book.Asks[9].LpQuantity, book.Asks[3].LpQuantity).ShouldBe((44L, 100L, 0L));
    }

    [Fact]
    public void Members_are_ranked()
    {
        var members = Decoding.Record<MemberTrading>(MemberTrading.Krx.Schema, Samples.Of("H0STMBC0"));

        members.Sellers[0].ShouldBe(
            new MemberRank { Name = "씨티그룹", Volume = 903482, IsForeign = YesNo.Yes, Code = "00037", Share = 19.06m, VolumeChange = 14913 });
        members.Buyers[4].ShouldBe(
            new MemberRank { Name = "한국증권", Volume = 311982, IsForeign = YesNo.No, Code = "00003", Share = 6.58m, VolumeChange = 3043 });
        members.ForeignNetVolume.ShouldBe(-705815);
    }

    [Fact]
    public void Program_trading_of_a_market_has_a_flow_for_each_kind()
    {
        var program = Decoding.Record<IndexProgramTrade>(IndexProgramTrade.Feed.Schema, Samples.Of("H0UPPGM0"));

        program.NonArbitrageClients.ShouldBe(
            new ProgramFlow { SellVolume = 0, BuyVolume = 1, SellValue = 1, BuyValue = 10, NetVolume = 1, NetValue = 9 });
        program.Total.BuyValue.ShouldBe(10);
        program.Total.NetValueRate.ShouldBe(0);
        program.Arbitrage.SellVolumeRate.ShouldBe(0);
        (program with { Total = new ProgramFlow { NetVolume = 3 } }).Total.ShouldBe(new ProgramFlow { NetVolume = 3 });
    }

    [Fact]
    public void A_group_is_an_array_in_JSON_and_flat_columns_elsewhere()
    {
        var feed = StockOrderBook.Krx.Schema;
        using var english = JsonDocument.Parse(Rendering.Json(feed, Samples.Of("H0STASP0"), NameStyle.English).Single());
        var asks = english.RootElement.GetProperty("asks");

        asks.GetArrayLength().ShouldBe(10);
        asks[0].ToString().ShouldBe("""{"price":71900,"quantity":91918}""");
        english.RootElement.TryGetProperty("askPrice1", out _).ShouldBeFalse();
        english.RootElement.TryGetProperty("krxMidPrice", out _).ShouldBeFalse("columns of other venues are left out");
        Rendering.Json(feed, Samples.Of("H0STASP0"), NameStyle.Kis).Single().ShouldContain("\"ASKP1\":71900,\"ASKP2\":72000");
        new RecordCsv(feed, NameStyle.English).Header.Take(5).ShouldBe(["code", "time", "phase", "askPrice1", "askPrice2"]);
    }

    [Fact]
    public void Reading_levels_allocates_nothing()
    {
        var book = Decoding.Record<StockOrderBook>(StockOrderBook.Krx.Schema, Samples.Of("H0STASP0"));
        Sum(book);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Sum(book);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        static decimal Sum(in StockOrderBook book)
        {
            var sum = book.Spread ?? 0;
            foreach (var level in book.Asks)
                sum += level.Price * level.Quantity ?? 0;
            for (var i = 0; i < book.Bids.Count; i++)
                sum += book.Bids[i].Price ?? 0;
            return sum;
        }
    }
}
