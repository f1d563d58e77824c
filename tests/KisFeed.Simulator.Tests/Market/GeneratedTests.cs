namespace KisFeed.Simulator.Tests.Market;

/// <summary>Records of feeds that the market does not model are consistent within the feed.</summary>
public sealed class GeneratedTests
{
    private const int Steps = 200;
    private const string Key = "005930";

    [Fact]
    public void Changes_and_signs_are_those_of_the_prices_and_net_counts_those_of_the_trades()
    {
        var trades = RecordsOf<StockTrade>(StockTrade.Consolidated.TrId);

        foreach (var trade in trades)
        {
            trade.OpenChange.ShouldBe(trade.Price - trade.Open);
            trade.HighChange.ShouldBe(trade.Price - trade.High);
            trade.LowChange.ShouldBe(trade.Price - trade.Low);
            trade.OpenSign.ShouldBe(SignOf(trade.OpenChange));
            trade.HighSign.ShouldBe(SignOf(trade.HighChange));
            trade.LowSign.ShouldBe(SignOf(trade.LowChange));
            trade.Sign.ShouldBe(SignOf(trade.Change));
            trade.NetBuyTradeCount.ShouldBe(trade.BuyTradeCount - trade.SellTradeCount);
            trade.AccumulatedVolume.ShouldBe(trade.BuyVolume + trade.SellVolume);
            trade.TotalAskQuantity!.Value.ShouldBeGreaterThanOrEqualTo(trade.AskQuantity!.Value);
        }

        trades.ShouldContain(trade => trade.LowSign == ChangeSign.Up && trade.HighSign == ChangeSign.Down);
    }

    [Fact]
    public void The_totals_of_an_order_book_are_those_of_its_levels()
    {
        foreach (var book in RecordsOf<StockOrderBook>(StockOrderBook.Krx.TrId))
        {
            book.TotalAskQuantity.ShouldBe(Enumerable.Range(0, 10).Sum(level => book.Asks[level].Quantity));
            book.TotalBidQuantity.ShouldBe(Enumerable.Range(0, 10).Sum(level => book.Bids[level].Quantity));
        }
    }

    [Fact]
    public void Members_have_names_and_are_in_the_order_of_their_volumes()
    {
        foreach (var members in RecordsOf<MemberTrading>(MemberTrading.Consolidated.TrId))
        {
            var sellers = Enumerable.Range(0, 5).Select(rank => members.Sellers[rank]).ToArray();
            sellers.ShouldAllBe(seller => !string.IsNullOrEmpty(seller.Name) && !string.IsNullOrEmpty(seller.Code));
            sellers.Select(seller => seller.Volume).ShouldBe(sellers.Select(seller => seller.Volume).OrderDescending());
        }
    }

    [Fact]
    public void Groups_of_programs_are_the_sums_of_their_parts()
    {
        foreach (var flow in RecordsOf<IndexProgramTrade>(IndexProgramTrade.Feed.TrId, "0001"))
        {
            flow.Total.NetVolume.ShouldBe(flow.Total.BuyVolume - flow.Total.SellVolume);
            flow.Total.BuyVolume.ShouldBe(flow.Arbitrage.BuyVolume + flow.NonArbitrage.BuyVolume);
            flow.Arbitrage.BuyVolume.ShouldBe(flow.ArbitrageClients.BuyVolume + flow.ArbitrageOwn.BuyVolume);
            flow.Total.NetValue.ShouldBe(flow.Total.BuyValue - flow.Total.SellValue);
        }
    }

    /// <summary>As the broker sends them today: the NXT book lost columns from its middle, so its widest layout is a former one.</summary>
    [Fact]
    public void The_records_of_every_feed_have_its_current_layout()
    {
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            var records = MarketRecorder.Run(MarketOptions.Default, Steps, (feed.TrId, feed.KeyExample)).Raw(feed.TrId, feed.KeyExample);
            records.ShouldAllBe(record => record.Split('^', StringSplitOptions.None).Length == feed.CurrentLayout.Width, feed.TrId);
        }

        StockOrderBook.Nxt.Schema.CurrentLayout.Width.ShouldBe(62);
    }

    /// <summary>
    /// A client that looks a code up in the broker's document, as python-kis does, must find it. Published
    /// frames leave auctions' codes empty.
    /// </summary>
    [Fact]
    public void Every_code_of_every_feed_is_a_documented_one()
    {
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            var records = MarketRecorder.Run(MarketOptions.Default, Steps, (feed.TrId, feed.KeyExample)).Raw(feed.TrId, feed.KeyExample);
            records.ShouldNotBeEmpty(feed.TrId);
            foreach (var record in records)
            {
                var fields = record.Split('^');
                var layout = feed.Layouts.First(l => l.Width == fields.Length);
                foreach (var (index, column) in feed.Columns.Index()
                    .Where(c => c.Item.Type == ColumnType.Code && layout.PositionOf(c.Index) >= 0))
                {
                    var value = fields[layout.PositionOf(index)];
                    if (value.Length > 0 || column.Name is not ("ExtensionCode" or "AllocationCode"))
                        column.Codes.Keys.ShouldContain(value, StringComparer.Ordinal, $"{feed.TrId} {column.Element}: {record}");
                }
            }
        }
    }

    private static IReadOnlyList<TRecord> RecordsOf<TRecord>(string trId, string key = Key)
        where TRecord : struct, KisFeed.Wire.IFeedRecord<TRecord>
    {
        var records = MarketRecorder.Run(MarketOptions.Default, Steps, (trId, key)).Records<TRecord>(trId, key);
        records.ShouldNotBeEmpty();
        return records;
    }

    private static ChangeSign SignOf(decimal? change) => change switch
    {
        > 0 => ChangeSign.Up,
        < 0 => ChangeSign.Down,
        _ => ChangeSign.Unchanged,
    };
}
