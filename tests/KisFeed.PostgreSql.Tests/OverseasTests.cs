using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Overseas amounts, which the broker sends without a minus or a decimal point.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class OverseasTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task Prices_of_futures_are_scaled_and_falls_are_negative()
    {
        Write();

        await StoreAsync(options => options with
        {
            Catalog = KisFeeds.Catalog.WithPriceScales(PriceScales.Parse("ffcode.mst", OverseasFutures.Futures())),
        });

        (await QueryAsync(
            "SELECT price, change, change_rate, previous_settlement, settlement_change, price_scale FROM overseas_futures_trade"))
            .ShouldBe(["1922.5|-5.0|-0.26|1927.0|-4.5|1"]);
        (await QueryAsync("SELECT bids_price[1], asks_price[5], price_scale FROM overseas_futures_order_book"))
            .ShouldBe(["1922.5|1923.0|1"]);
        (await QueryAsync("SELECT change, change_rate, session FROM overseas_trade")).ShouldBe(["-0.6000|-0.27|1"]);
        (await QueryAsync("SELECT col_description('overseas_futures_trade'::regclass, attnum) FROM pg_attribute "
            + "WHERE attrelid = 'overseas_futures_trade'::regclass AND attname = 'price_scale'"))
            .ShouldBe(["가격 소수점 자릿수 (price_scale), digits"]);
    }

    [Fact]
    public async Task Without_master_files_prices_are_as_sent_and_the_scale_is_null()
    {
        Write();

        await StoreAsync();

        (await QueryAsync("SELECT price, change, price_scale FROM overseas_futures_trade")).ShouldBe(["19225|-50|"]);
        const string How = "are stored as the broker sends them, without a decimal point: its master files give their decimal places";
        Log.Messages.Where(message => message.Id == 2213).Select(message => message.Text)
            .ShouldBe([$"The prices of HDFFF010 {How}", $"The prices of HDFFF020 {How}"], ignoreOrder: true);
    }

    private void Write()
    {
        using var writer = Folder.Write();
        writer.Write("HDFFF020", Encoding.UTF8.GetBytes(OverseasFutures.GoldTrade), Ticks.At(0));
        writer.Write("HDFFF010", Encoding.UTF8.GetBytes(OverseasFutures.GoldBook), Ticks.At(1));
        writer.Write(
            "HDFSCNT0",
            "0|HDFSCNT0|001|RBAQNVDA^NVDA^4^20260925^20260924^231313^20260925^121313^223.9800^224.5000^223.5000^223.9800^5^0.6000^-0.27^"u8
                + "223.9700^223.9900^10^20^5^52000^11650000^100^200^98.5^1"u8,
            Ticks.At(2));
        writer.Close();
    }
}
