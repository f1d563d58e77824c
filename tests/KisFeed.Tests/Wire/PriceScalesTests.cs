using KisFeed.Output;

namespace KisFeed.Tests.Wire;

/// <summary>The broker sends prices of overseas futures and options without their decimal places, which are in its master files.</summary>
public sealed class PriceScalesTests
{
    private static readonly PriceScales s_scales = PriceScales.Parse("ffcode.mst", OverseasFutures.Futures());
    private static readonly FeedCatalog s_catalog = KisFeeds.Catalog.WithPriceScales(s_scales);

    private static FeedSchema Trades => Find(s_catalog, "HDFFF020");

    private static FeedSchema Books => Find(s_catalog, "HDFFF010");

    [Theory]
    [InlineData("GCZ26", 1)]
    [InlineData("6AZ26", 4)]
    [InlineData("BTCZ26", 0)]
    [InlineData("GCM26-Q26", 1)]
    [InlineData("GCG27", 1)]
    [InlineData("6AH24", 4)]
    [InlineData("XXM26", 1)]
    [InlineData("XXZ26", 2)]
    [InlineData("XXH27", null)]
    [InlineData("GCTZ26", null)]
    [InlineData("GC", null)]
    [InlineData("", null)]
    [InlineData("CLZ26", null)]
    public void Contracts_have_the_places_of_their_row_and_unlisted_ones_those_of_their_product(string code, int? places)
    {
        s_scales.PlacesOf(code).ShouldBe(places);
        s_scales.PlacesOf(Encoding.ASCII.GetBytes(code)).ShouldBe(places);
        s_scales.Count.ShouldBe(6);
        s_scales.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Options_are_found_by_their_whole_code_and_others_by_their_product()
    {
        var options = PriceScales.Parse(
            "focode.mst",
            [
                .. OverseasFutures.OptionRow("OESU26 C5500", "E-mini S&P 콜 5500", "OES", "-2"),
                .. OverseasFutures.OptionRow("O6EU26 P1.05", "유로", "O6E", "-4"),
            ]);

        options.PlacesOf("OESU26 C5500").ShouldBe(2);
        options.PlacesOf("OESZ26 P4800").ShouldBe(2);
        options.PlacesOf("O6EU26 P1.05").ShouldBe(4);
    }

    [Fact]
    public void A_row_that_is_wrong_is_described_and_the_others_are_read()
    {
        var scales = PriceScales.Parse(
            "ffcode.mst",
            [
                .. OverseasFutures.FutureRow("GCZ26", "금", "GC", "-1"),
                .. "too short\r\n"u8,
                .. OverseasFutures.FutureRow("ESZ26", "E-mini", "ES", "two"),
                .. OverseasFutures.FutureRow("NQZ26", "E-mini", "NQ", "2"),
                .. "\r\n\x1a"u8,
                .. OverseasFutures.FutureRow("", "이름만", "YM", "-1"),
                .. OverseasFutures.MovedRow(),
            ]);

        scales.PlacesOf("GCZ26").ShouldBe(1);
        scales.PlacesOf("CLZ26").ShouldBe(2);
        scales.PlacesOf("CLF27").ShouldBe(2);
        scales.PlacesOf("NQZ26").ShouldBeNull("a number of places that is not negative could mean anything");
        scales.Problems.ShouldBe(
        [
            "ffcode.mst, line 2: the row has 9 bytes instead of 223",
            "ffcode.mst, line 3: the decimal places (sCalcDesz) of ESZ26 are \"two\" instead of 0 to -12",
            "ffcode.mst, line 4: the decimal places (sCalcDesz) of NQZ26 are \"2\" instead of 0 to -12",
            "ffcode.mst, line 6: the code of the contract (sSrsCd) is not ASCII text",
        ]);
    }

    [Fact]
    public void A_file_without_a_readable_row_is_an_error_that_says_what_to_do()
    {
        Should.Throw<PriceScalesException>(() => PriceScales.Parse("ffcode.mst", "code,name\nGC,gold\n"u8)).Message
            .ShouldBe("ffcode.mst, line 1: the row has 9 bytes instead of 223; no other row of the file can be read: "
                + "use the file as the broker publishes it");
        Should.Throw<PriceScalesException>(() => PriceScales.Parse("ffcode.mst", "\n\n"u8)).Message.ShouldBe("ffcode.mst is empty");
    }

    [Fact]
    public void Files_are_read_one_by_one_or_from_their_folder()
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-masters-");
        try
        {
            Should.Throw<PriceScalesException>(() => PriceScales.Load(folder.FullName)).Message
                .ShouldContain("has none of ffcode.mst, focode.mst, fostkcode.mst: download the broker's master files");
            var futures = Path.Combine(folder.FullName, "ffcode.mst");
            File.WriteAllBytes(futures, OverseasFutures.Futures());
            File.WriteAllBytes(Path.Combine(folder.FullName, "FOCODE.MST"), OverseasFutures.OptionRow("OESU26 C5500", "콜", "OES", "-2"));
            File.WriteAllBytes(Path.Combine(folder.FullName, "nasmst.cod"), "US\t22"u8);

            var both = PriceScales.Load(folder.FullName);

            both.PlacesOf("GCZ26").ShouldBe(1);
            both.PlacesOf("OESU26 C5500").ShouldBe(2);
            PriceScales.Load(futures).PlacesOf("OESU26 C5500").ShouldBeNull();
            Should.Throw<PriceScalesException>(() => PriceScales.Load(Path.Combine(folder.FullName, "nasmst.cod"))).Message
                .ShouldContain("is neither a folder nor one of ffcode.mst");
            var packed = Path.Combine(folder.FullName, "fostkcode.mst.zip");
            File.WriteAllBytes(packed, StockMasters.Packed("FOSTKCODE.MST", OverseasFutures.OptionRow("AAPL27 C300", "콜", "AAPL", "-3")));
            PriceScales.Load(folder.FullName).PlacesOf("AAPL27 C300").ShouldBe(3);
            File.WriteAllBytes(packed, "no archive"u8);
            Should.Throw<PriceScalesException>(() => PriceScales.Load(folder.FullName)).Message
                .ShouldStartWith($"{packed} cannot be read: ");
            Should.Throw<PriceScalesException>(() => PriceScales.Load(Path.Combine(folder.FullName, "no", "ffcode.mst"))).Message
                .ShouldContain("cannot be read");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void JSON_and_CSV_have_the_decimal_point_in_English_and_the_broker_s_text_under_its_names()
    {
        var english = Rendering.Json(Trades, OverseasFutures.GoldTrade, NameStyle.English).Single();
        english.ShouldContain("\"previousClose\":1927.5,");
        english.ShouldContain(
            "\"price\":1922.5,\"volume\":3,\"change\":-5.0,\"changeRate\":-0.26,\"open\":1930.0,\"high\":1931.05,\"low\":1920.0,");
        english.ShouldContain("\"previousSettlement\":1927.0,\"settlementSign\":\"down\",\"settlementChange\":-4.5,"
            + "\"settlementChangeRate\":-0.23,\"priceScale\":1}");
        var kis = Rendering.Json(Trades, OverseasFutures.GoldTrade, NameStyle.Kis).Single();
        kis.ShouldContain("\"last_price\":19225,\"last_qntt\":3,\"prev_diff_price\":50,");
        kis.ShouldEndWith("\"psttl_diff_rate\":0.23,\"price_scale\":1}");

        var csv = Rendering.Csv(Trades, OverseasFutures.GoldTrade, NameStyle.English);
        csv[0].ShouldEndWith(",settlementChangeRate,priceScale,extra");
        csv[1].ShouldContain(",1922.5,3,-5.0,-0.26,1930.0,1931.05,1920.0,120345,down,");
        csv[1].ShouldEndWith(",-4.5,-0.23,1,");
        Rendering.Csv(Trades, OverseasFutures.GoldTrade, NameStyle.Kis)[1].ShouldContain(",19225,3,50,0.26,");
    }

    [Fact]
    public void Levels_of_a_book_are_scaled()
    {
        Rendering.Json(Books, OverseasFutures.GoldBook, NameStyle.English).Single()
            .ShouldContain("\"bids\":[{\"quantity\":1,\"orders\":1,\"price\":1922.5},{\"quantity\":2,\"orders\":1,\"price\":1922.4},");
        var book = Decoding.Record<OverseasFuturesOrderBook>(Books, OverseasFutures.GoldBook);
        book.Bids[0].Price.ShouldBe(1922.5m);
        book.Asks[4].Price.ShouldBe(1923.0m);
        book.Spread.ShouldBe(0.1m);
        book.PreviousSettlement.ShouldBe(1927.0m);
        Decoding.Encode("HDFFF010", book).ShouldBe(OverseasFutures.GoldBook);
    }

    [Fact]
    public void Without_a_master_prices_are_as_sent_and_say_so()
    {
        var feed = OverseasFuturesTrade.Feed.Schema;

        Rendering.Json(feed, OverseasFutures.GoldTrade, NameStyle.English).Single().ShouldContain("\"price\":19225,");
        Rendering.Json(feed, OverseasFutures.GoldTrade, NameStyle.English).Single().ShouldEndWith("\"priceScale\":null}");
        Rendering.Csv(feed, OverseasFutures.GoldTrade, NameStyle.English)[1].ShouldEndWith(",-0.23,,");
        Decoding.Record<OverseasFuturesTrade>(feed, OverseasFutures.GoldTrade).PriceScale.ShouldBeNull();
        Rendering.Json(Trades, OverseasFutures.GoldTrade.Replace("GCZ26", "ZZZ26", StringComparison.Ordinal), NameStyle.English).Single()
            .ShouldEndWith("\"priceScale\":null}");
        Rendering.Json(IndexTrade.Feed.Schema, Feeds.Samples.Of("H0UPCNT0"), NameStyle.English)
            .ShouldAllBe(json => !json.Contains("priceScale", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("6882.5", "0.68825")]
    [InlineData("54.0", "0.00540")]
    [InlineData("0", "0.0000")]
    [InlineData("+12", "0.0012")]
    [InlineData("-12", "-0.0012")]
    [InlineData("0012345", "1.2345")]
    [InlineData(".5", "0.00005")]
    [InlineData("123456789012345678901234", "12345678901234567890.1234")]
    [InlineData("9999999999999999999999999999", "999999999999999999999999.9999")]
    [InlineData("", "")]
    [InlineData("nan", "")]
    public void JSON_CSV_and_records_agree_on_a_price(string sent, string price)
    {
        var frame = OverseasFutures.GoldTrade.Replace("GCZ26", "6AZ26", StringComparison.Ordinal)
            .Replace("^19225^", $"^{sent}^", StringComparison.Ordinal);

        Rendering.Json(Trades, frame, NameStyle.English).Single().ShouldContain($"\"price\":{(price.Length == 0 ? "null" : price)},");
        Rendering.Csv(Trades, frame, NameStyle.English)[1].ShouldContain($",1,{price},3,");
        var record = Decoding.Record<OverseasFuturesTrade>(Trades, frame);
        (record.Price?.ToString(CultureInfo.InvariantCulture) ?? "").ShouldBe(price);
    }

    [Fact]
    public void A_record_is_written_as_the_broker_sends_it_and_compares_by_its_prices()
    {
        var record = Decoding.Record<OverseasFuturesTrade>(Trades, OverseasFutures.GoldTrade);

        record.Price.ShouldBe(1922.5m);
        record.Change.ShouldBe(-5.0m);
        record.PriceScale.ShouldBe(1);
        Decoding.Encode("HDFFF020", record).ShouldBe(OverseasFutures.GoldTrade);
        record.ShouldBe(Decoding.Record<OverseasFuturesTrade>(Trades, OverseasFutures.GoldTrade));
        record.ShouldNotBe(record with { PriceScale = null });
        (record with { Price = 1922m }).Price.ShouldBe(1922m);
        Decoding.Encode("HDFFF020", record with { Price = 1922m }).ShouldContain("^19220^3^");
        Decoding.Encode("HDFFF020", new OverseasFuturesTrade { Code = "GCZ26", Price = 19225 }).ShouldContain("^19225^");
    }

    [Fact]
    public void Scaling_does_not_allocate()
    {
        _ = Decoding.Record<OverseasFuturesTrade>(Trades, OverseasFutures.GoldTrade);
        DataFrame.TryParse(Decoding.Bytes(OverseasFutures.GoldTrade), out var frame, out _).ShouldBeTrue();
        Trades.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        reader.MoveNext().ShouldBeTrue();
        var fields = reader.Current;
        _ = fields.PriceScale;

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = fields.PriceScale;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Layouts_and_decimal_places_can_be_added_in_either_order()
    {
        var layouts = LayoutFile.Parse("""{"layouts":[{"trId":"HDFFF020","append":["NEW_CLS"]}]}"""u8.ToArray());
        var frame = OverseasFutures.GoldTrade + "^7";

        foreach (var catalog in new[] { s_catalog.WithLayouts(layouts), KisFeeds.Catalog.WithLayouts(layouts).WithPriceScales(s_scales) })
        {
            Rendering.Json(Find(catalog, "HDFFF020"), frame, NameStyle.English).Single()
                .ShouldEndWith("\"priceScale\":1,\"NEW_CLS\":\"7\"}");
        }
    }

    private static FeedSchema Find(FeedCatalog catalog, string trId) =>
        catalog.TryFind(trId, out var feed) ? feed : throw new InvalidOperationException(trId);
}
