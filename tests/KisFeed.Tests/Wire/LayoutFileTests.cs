using KisFeed.Output;

namespace KisFeed.Tests.Wire;

/// <summary>Columns named by a user's layout file.</summary>
public sealed class LayoutFileTests
{
    private const string Fields = "005930^092237^1^2^3^4^5^6^7^8^9";

    [Fact]
    public void AppendedColumns_HaveTheirNames()
    {
        var feed = Feed("H0STPGM0", """{ "layouts": [ { "trId": "H0STPGM0", "append": [ "MARKET_CLS_CODE", { "element": "MID_PRC","""
            + """ "korean": "중간가", "name": "MidPrice", "type": "decimal", "unit": "KRW" } ] } ] }""");
        var frame = $"0|H0STPGM0|002|{Fields}^2^71850.50^{Fields}^3^";

        var records = Decoding.Records<ProgramTrade>(feed, frame);

        feed.Layouts.Select(l => l.Width).ShouldBe([11, 13]);
        records.Select(r => r.RestingNetVolume).ShouldBe([9, 9]);
        records[0].Extra.TryGet("MARKET_CLS_CODE", out var market).ShouldBeTrue();
        market.ShouldBe("2");
        records[1].Extra.TryGet("MID_PRC", out var mid).ShouldBeTrue();
        mid.ShouldBe("");
        records[0].Extra.TryGet("OTHER", out _).ShouldBeFalse();
        Rendering.Json(feed, frame, NameStyle.Kis)[0].ShouldEndWith("\"WHOL_NTBY_QTY\":9,\"MARKET_CLS_CODE\":\"2\",\"MID_PRC\":71850.50}");
        Rendering.Json(feed, frame, NameStyle.English)[1]
            .ShouldEndWith("\"restingNetVolume\":9,\"MARKET_CLS_CODE\":\"3\",\"midPrice\":null}");
        Rendering.Csv(feed, frame, NameStyle.Kis)[0].ShouldEndWith(",WHOL_NTBY_QTY,MARKET_CLS_CODE,MID_PRC,extra");
        Rendering.Csv(feed, frame, NameStyle.English)[0].ShouldEndWith(",restingNetVolume,MARKET_CLS_CODE,midPrice,extra");
        Rendering.Csv(feed, frame, NameStyle.Kis)[1].ShouldEndWith(",9,2,71850.50,");
        Rendering.Csv(feed, frame, NameStyle.Kis)[2].ShouldEndWith(",9,3,,");
    }

    [Fact]
    public void Columns_are_appended_to_the_current_layout_although_a_former_one_is_wider()
    {
        var feed = Feed(
            "H0NXASP0",
            """{ "layouts": [ { "trId": "H0NXASP0", "append": [ "NEW" ] }, { "trId": "H0NXASP0", "append": [ "B", "C" ] } ] }""");

        feed.Layouts.Select(layout => layout.Width).ShouldBe([62, 63, 65]);
        feed.CurrentLayout.Width.ShouldBe(65);
        feed.CurrentLayout.WireColumns(feed.Columns).Select(column => column.Element).TakeLast(6)
            .ShouldBe(["NMID_PRC", "NMID_TOTAL_RSQN", "NMID_CLS_CODE", "NEW", "B", "C"]);
    }

    [Fact]
    public void ColumnsAfterTheNamedOnes_StayExtra()
    {
        var feed = Feed("H0STPGM0", """{ "layouts": [ { "trId": "H0STPGM0", "append": [ "NEW" ] } ] }""");
        var frame = $"0|H0STPGM0|001|{Fields}^n^x^ y ^(null)^z";

        Decoding.Shape(feed, frame).IsUnknownWidth.ShouldBeTrue();
        var record = Decoding.Record<ProgramTrade>(feed, frame);
        record.Extra.Text.ShouldBe("n^x^ y ^(null)^z");
        record.Extra.TryGet("NEW", out var named).ShouldBeTrue();
        named.ShouldBe("n");
        Rendering.Json(feed, frame, NameStyle.Kis)[0].ShouldEndWith("\"NEW\":\"n\",\"extra\":[\"x\",\"y\",null,\"z\"]}");
        Rendering.Csv(feed, frame, NameStyle.Kis)[1].ShouldEndWith(",9,n,x^ y ^(null)^z");
    }

    [Fact]
    public void RecordsOfTheOldWidth_HaveNoNamedColumns()
    {
        var feed = Feed("H0STPGM0", """{ "layouts": [ { "trId": "H0STPGM0", "append": [ "NEW" ] } ] }""");
        var frame = $"0|H0STPGM0|001|{Fields}";

        Decoding.Record<ProgramTrade>(feed, frame).Extra.IsEmpty.ShouldBeTrue();
        Rendering.Json(feed, frame, NameStyle.Kis)[0].ShouldEndWith("\"WHOL_NTBY_QTY\":9}");
        Rendering.Csv(feed, frame, NameStyle.Kis)[1].ShouldEndWith(",9,,");
    }

    [Fact]
    public void AllColumns_CanBeReordered()
    {
        var feed = Feed("T0SHIFT0", """{ "layouts": [ { "trId": "t0shift0", "width": 8, "columns": [ "VOLUME", "new_first", "HOUR","""
            + """ "bid", "ASK", "CODE", "NEW_LAST", { "element": "COUNT", "type": "integer" } ] } ] }""", [ShiftedQuote.Feed.Schema]);
        const string Frame = "0|T0SHIFT0|002|100^x^093000^1^2^A^y^007^200^^^3^4^B^z^";

        var quotes = Decoding.Records<ShiftedQuote>(feed, Frame);

        quotes.Select(q => (q.Code, q.Ask, q.Bid, q.Volume)).ShouldBe([("A", 2m, 1m, 100L), ("B", 4m, 3m, 200L)]);
        quotes.Select(q => q.Extra.Text).ShouldBe(["x^y^007", "^z^"]);
        Rendering.Json(feed, Frame, NameStyle.Kis).ShouldBe(
        [
            """{"HOUR":"093000","VOLUME":100,"BID":1,"ASK":2,"CODE":"A","new_first":"x","NEW_LAST":"y","COUNT":7}""",
            """{"HOUR":null,"VOLUME":200,"BID":3,"ASK":4,"CODE":"B","new_first":null,"NEW_LAST":"z","COUNT":null}""",
        ]);
        Rendering.Csv(feed, Frame, NameStyle.Kis).ShouldBe(
        [
            "HOUR,VOLUME,BID,ASK,CODE,MID_PRC,MARKET,new_first,NEW_LAST,COUNT,extra",
            "093000,100,1,2,A,,,x,y,7,",
            ",200,3,4,B,,,,z,,",
        ]);
    }

    [Fact]
    public void AllColumns_OfTheSameWidth_ReplaceTheLayout()
    {
        // As many columns, shifted by one: this has happened too.
        var feed = Feed(
            "T0SHIFT0",
            """{ "layouts": [ { "trId": "T0SHIFT0", "columns": [ "CODE", "ASK", "MARKET", "HOUR", "VOLUME" ] } ] }""",
            [ShiftedQuote.Feed.Schema]);

        var quote = Decoding.Record<ShiftedQuote>(feed, "0|T0SHIFT0|001|A^2^KRX^093000^100");

        quote.Bid.ShouldBeNull();
        quote.Volume.ShouldBe(100);
        quote.Extra.TryGet("MARKET", out var market).ShouldBeTrue();
        market.ShouldBe("KRX");
        Decoding.Encode("T0SHIFT0", quote).ShouldBe("0|T0SHIFT0|001|A^2^KRX^093000^100");
        Should.Throw<ArgumentException>(() => Decoding.Encode("T0SHIFT0", quote with { Bid = 1 })).Message.ShouldStartWith("BID ");
    }

    [Fact]
    public void AnUnknownFeed_CanBeDescribed()
    {
        var catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(Decoding.Bytes("""
            {
              // Comments and trailing commas are fine.
              "layouts": [
                { "trId": "H0NEW000", "columns": [
                    "CODE", { "element": "PRC", "type": "number" }, { "element": "HOUR", "type": "time" },
                    { "element": "SIGN", "type": "code" }, { "element": "NOTE", "type": "text" },
                ] },
                { "trId": "H0NEW000", "append": [ "LATER" ] },
              ],
            }
            """)));

        catalog.TryGet("H0NEW000"u8, out var feed).ShouldBeTrue();
        Rendering.Json(feed, "0|H0NEW000|001|A^+01.50^093000^7^ 글 ^x", NameStyle.English)
            .ShouldBe(["""{"CODE":"A","PRC":1.50,"HOUR":"093000","SIGN":"7","NOTE":"글","LATER":"x"}"""]);
        catalog.TryFind("", out _).ShouldBeFalse();
        KisFeeds.Catalog.TryGet("H0NEW000"u8, out _).ShouldBeFalse();
    }

    [Fact]
    public void TheTypeOfANamedColumn_IsCheckedByEveryReader()
    {
        var feed = Feed(
            "H0STPGM0", """{ "layouts": [ { "trId": "H0STPGM0", "append": [ "A", { "element": "B", "type": "integer" } ] } ] }""");
        var frame = Decoding.Bytes($"0|H0STPGM0|001|{Fields}^a^x");

        var typed = Decoding.Error<ProgramTrade>(feed, frame);

        typed.ShouldBe(Rendering.Check(feed, frame));
        typed.Kind.ShouldBe(FrameErrorKind.InvalidNumber);
        typed.Column.ShouldNotBeNull().Element.ShouldBe("B");
        typed.Position.ShouldBe(frame.Length - 1);
        typed.ToString().ShouldBe($"B of record 1: not a number (byte {frame.Length - 1})");
    }

    [Fact]
    public void Load_ReadsAFile_WithAByteOrderMark()
    {
        var path = Path.Combine(Path.GetTempPath(), $"kisfeed-{Guid.NewGuid():N}.json");
        try
        {
            File.WriteAllText(
                path,
                """{ "layouts": [ { "trId": "H0STPGM0", "append": [ "NEW" ] } ] }""",
                new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            var catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Load(path));
            catalog.TryFind("H0STPGM0", out var feed).ShouldBeTrue();
            feed.Layouts.Length.ShouldBe(2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void OtherFeeds_AreUnchanged()
    {
        var catalog = KisFeeds.Catalog.WithLayouts(
            LayoutFile.Parse(Decoding.Bytes("""{ "layouts": [ { "trId": "H0STPGM0", "append": [ "NEW" ] } ] }""")));
        catalog.Feeds.Length.ShouldBe(KisFeeds.Catalog.Feeds.Length);
        foreach (var (before, after) in KisFeeds.Catalog.Feeds.Zip(catalog.Feeds).Where(p => p.First.TrId != "H0STPGM0"))
            ReferenceEquals(before, after).ShouldBeTrue();
    }

    private static FeedSchema Feed(string trId, string layouts, FeedSchema[]? feeds = null)
    {
        var catalog = feeds is null ? KisFeeds.Catalog : new FeedCatalog([.. feeds]);
        catalog.WithLayouts(LayoutFile.Parse(Decoding.Bytes(layouts))).TryFind(trId, out var feed).ShouldBeTrue();
        return feed;
    }
}
