using KisFeed.Capture.Bars;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Testing.Tests;

/// <summary>Streams that subscribe when they are enumerated and end with the enumeration.</summary>
public sealed class FeedReadingTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registers_while_it_is_read_and_not_longer()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, Trade("005930", 1), Trade("005930", 2), Trade("005930", 3));
        var trades = client.ReadAsync(StockTrade.Krx, "005930", cancellationToken: s_token);
        client.Registrations.ShouldBeEmpty();

        var prices = new List<decimal?>();
        await foreach (var trade in trades)
        {
            client.Registrations.Count.ShouldBe(1);
            prices.Add(trade.Price);
            if (prices.Count == 2)
                break;
        }

        prices.ShouldBe([1, 2]);
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Items_have_the_gap_in_its_place_and_end_with_the_session()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, Trade("005930", 1));
        client.Interrupt();
        client.Publish(StockTrade.Krx, Trade("005930", 2));
        client.Complete();

        var items = await client.ReadItemsAsync(StockTrade.Krx, "005930", cancellationToken: s_token)
            .Select(item => item.Event?.GetType().Name ?? $"{item.Record.Price}").ToListAsync(s_token);

        items.ShouldBe(["1", nameof(Interruption), nameof(Gap), "2"]);
    }

    [Fact]
    public async Task Keys_come_in_the_order_of_receipt_and_their_events_with_the_items()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, Trade("005930", 1));
        client.Publish(StockTrade.Krx, Trade("000660", 2));
        client.Publish(StockTrade.Krx, Trade("005930", 3));

        var trades = await client.ReadAsync(StockTrade.Krx, ["005930", "000660"], cancellationToken: s_token).Take(3).ToListAsync(s_token);

        trades.Select(trade => (trade.Code, trade.Price)).ShouldBe([("005930", 1), ("000660", 2), ("005930", 3)]);
        client.Registrations.ShouldBeEmpty();
        var first = await client.ReadItemsAsync(StockTrade.Krx, ["005930"], cancellationToken: s_token).FirstAsync(s_token);
        first.IsRecord.ShouldBeFalse();
    }

    [Fact]
    public async Task Two_feeds_come_in_the_order_of_receipt()
    {
        await using var client = new InMemoryKisFeedClient();
        var book = new StockOrderBook { Code = "005930", TotalAskQuantity = 7 };
        client.Publish(StockTrade.Krx, Trade("005930", 1));
        client.Publish(StockOrderBook.Krx, book);
        client.Publish(StockTrade.Krx, Trade("005930", 2));

        var read = await client.ReadAsync(StockTrade.Krx, StockOrderBook.Krx, ["005930"], cancellationToken: s_token).Take(3)
            .Select(item => item.TryGet(out StockTrade trade) ? trade.Price : item.Get<StockOrderBook>().TotalAskQuantity)
            .ToListAsync(s_token);

        read.ShouldBe([1, 7, 2]);
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_of_another_type_is_an_error_that_says_what_the_item_is()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, Trade("005930", 1));

        await foreach (var item in client.ReadItemsAsync(StockTrade.Krx, StockOrderBook.Krx, ["005930"], cancellationToken: s_token))
        {
            var error = Should.Throw<InvalidOperationException>(() => item.Get<StockOrderBook>());
            error.Message.ShouldContain(item.Event is { } e ? $"{e}" : "a record of H0STCNT0");
            if (item.IsRecord)
                break;
        }
    }

    [Fact]
    public async Task A_refusal_is_thrown_by_the_enumeration()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Refuse(StockTrade.Krx, "005930", BrokerCode.InvalidTrKey);
        var trades = client.ReadAsync(StockTrade.Krx, "005930", cancellationToken: s_token);

        await Should.ThrowAsync<SubscribeRefusedException>(async () => await trades.FirstAsync(s_token));
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bars_are_those_of_the_subscription()
    {
        await using var client = new InMemoryKisFeedClient();
        for (var minute = 0; minute < 4; minute++)
            client.Publish(StockTrade.Krx, Trade("005930", 100 + minute) with { Time = new TimeOnly(9, minute), Volume = 1 });

        var bars = client.ReadBarsAsync(StockTrade.Krx.Schema, ["005930"], TimeSpan.FromMinutes(1), s_token);

        (await bars.Take(3).Select(bar => bar.Close).ToListAsync(s_token)).ShouldBe([100, 101, 102]);
        client.Registrations.ShouldBeEmpty();
    }

    private static StockTrade Trade(string code, decimal price) => new() { Code = code, Price = price };
}
