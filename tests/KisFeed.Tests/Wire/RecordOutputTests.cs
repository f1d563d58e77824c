using KisFeed.Output;
using KisFeed.Tests.Feeds;

namespace KisFeed.Tests.Wire;

/// <summary>JSON and CSV, in both name styles.</summary>
public sealed class RecordOutputTests
{
    [Fact]
    public void Bond_Kis() =>
        Rendering.Json(BondTrade.Feed.Schema, Samples.Of("H0BJCNT0"), NameStyle.Kis).ShouldBe(
            ["""{"STND_ISCD":"KR103502GD31","BOND_ISNM":"국고03250-5303(23-2)","STCK_CNTG_HOUR":"131743","PRDY_VRSS_SIGN":"2","PRDY_VRSS":"""
                + """5.00,"PRDY_CTRT":0.05,"STCK_PRPR":10575.00,"CNTG_VOL":1,"STCK_OPRC":10525.00,"STCK_HGPR":10578.00"""
                + ""","STCK_LWPR":10525.00,"STCK_PRDY_CLPR":0.00,"BOND_CNTG_ERT":3.012,"OPRC_ERT":3.037,"HGPR_ERT":3.010,"LWPR_ERT":3.037"""
                + ""","ACML_VOL":6594124,"PRDY_VOL":9874082,"CNTG_TYPE_CLS_CODE":"2"}"""]);

    [Fact]
    public void Notice_English() =>
        Rendering.Json(OrderNotice.Feed.Schema, Samples.Of("H0IFCNI0"), NameStyle.English).ShouldBe(
            ["""{"customerId":"abcd1234","accountNumber":"1234567803","orderNumber":"0000001666","originalOrderNumber":null"""
                + ""","side":"buy","action":"new","source":"fill","symbol":"111V06","fillQuantity":2,"fillPrice":7840000"""
                + ""","time":"095835","refusal":"none","kind":"fill","acceptance":"confirmed","branchNumber":"00950","orderQuantity":0"""
                + ""","accountName":"위탁계좌","instrumentName":"삼성전자   F 2","orderCondition":null,"orderGroupId":null"""
                + ""","orderGroupSequence":null,"orderPrice":0}"""]);

    /// <summary>The broker sends DIFF without a minus, and MTYP as captures show it, not as the document says.</summary>
    [Fact]
    public void A_fall_of_an_overseas_stock_is_negative()
    {
        const string Fall =
            "0|HDFSCNT0|001|RBAQNVDA^NVDA^4^20260925^20260924^231313^20260925^121313^223.9800^224.5000^223.5000^223.9800^5^0.6000^-0.27^"
                + "223.9700^223.9900^10^20^5^52000^11650000^100^200^98.5^1";

        Rendering.Json(OverseasTrade.Feed.Schema, Fall, NameStyle.English).Single().ShouldContain("""
            "sign":"down","change":-0.6000,"changeRate":-0.27,
            """.Trim());
        Rendering.Json(OverseasTrade.Feed.Schema, Fall, NameStyle.English).Single().ShouldContain("""
            "session":"preMarket"
            """.Trim());
        Rendering.Json(OverseasTrade.Feed.Schema, Fall, NameStyle.Kis).Single().ShouldContain("""
            "DIFF":0.6000
            """.Trim());
        Rendering.Csv(OverseasTrade.Feed.Schema, Fall, NameStyle.English)[1].ShouldContain(",down,-0.6000,-0.27,");
        new OverseasTrade { Sign = ChangeSign.Down, Change = 0.6m }.Change.ShouldBe(-0.6m);
        new OverseasTrade { Sign = ChangeSign.Up, Change = 0.6m }.Change.ShouldBe(0.6m);
    }

    /// <summary>AB1 is sent around volatility interruptions, and no document explains it.</summary>
    [Fact]
    public void A_code_without_a_documented_name_is_shown_as_sent()
    {
        var frame = $"0|H0STMKO0|001|005930^N^^AB1{new string('^', MarketStatus.Krx.Schema.Layouts[^1].Width - 4)}";

        Rendering.Json(MarketStatus.Krx.Schema, frame, NameStyle.English).Single().ShouldContain("\"marketOperation\":\"AB1\"");
        Rendering.Json(MarketStatus.Krx.Schema, frame, NameStyle.Kis).Single().ShouldContain("\"mkop_cls_code\":\"AB1\"");
        Rendering.Csv(MarketStatus.Krx.Schema, frame, NameStyle.English)[1].ShouldContain(",AB1,");
        Decoding.Encode("H0STMKO0", Decoding.Record<MarketStatus>(MarketStatus.Krx.Schema, frame)).ShouldBe(frame);
    }

    /// <summary>A sign of a fall makes each amount that it belongs to negative, once.</summary>
    [Theory]
    [InlineData("0.6000", "0.27")]
    [InlineData("-0.6000", "-0.27")]
    [InlineData("+0.6000", "0.27")]
    [InlineData(".6000", "00.27")]
    public void A_fall_is_negative_once_however_it_is_sent(string change, string rate)
    {
        var frame = "0|HDFSCNT0|001|RBAQNVDA^NVDA^4^20260925^20260924^231313^20260925^121313^223.9800^224.5000^223.5000^223.9800^5^"
            + $"{change}^{rate}^223.9700^223.9900^10^20^5^52000^11650000^100^200^98.5^1";

        Rendering.Json(OverseasTrade.Feed.Schema, frame, NameStyle.English).Single()
            .ShouldContain("\"change\":-0.6000,\"changeRate\":-0.27,");
        Rendering.Csv(OverseasTrade.Feed.Schema, frame, NameStyle.English)[1].ShouldContain(",down,-0.6000,-0.27,");
        var record = Decoding.Record<OverseasTrade>(OverseasTrade.Feed.Schema, frame);
        record.Change.ShouldBe(-0.6000m);
        record.ChangeRate.ShouldBe(-0.27m);
    }

    [Fact]
    public void Program_Csv() =>
        Rendering.Csv(ProgramTrade.Krx.Schema, Samples.Of("H0STPGM0"), NameStyle.English).ShouldBe(
        [
            "code,time,sellVolume,sellValue,buyVolume,buyValue,netVolume,netValue,restingSellVolume,"
                + "restingBuyVolume,restingNetVolume,extra",
            "005930,092237,1413444,109159646900,1189408,91931710200,-224036,-17227936700,65033,15475,-49558,",
        ]);

    [Theory]
    [InlineData("+0.12", "0.12")]
    [InlineData("-0.00", "0.00")]
    [InlineData("0003.010", "3.010")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("nan", "null")]
    [InlineData("-nan", "null")]
    [InlineData("(null)", "null")]
    [InlineData(" ", "null")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000000000000000000001", "1")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    public void Json_NumbersKeepTheirScale(string text, string json) =>
        Rendering.Json(Probe.Feed.Schema, $"0|T0PROBE0|001|A^^^{text}^^", NameStyle.Kis)
            .ShouldBe([$$"""{"CODE":"A","NAME":null,"QTY":null,"PRC":{{json}},"HOUR":null,"SIGN":null}"""]);

    [Theory]
    [InlineData("2", "2", "up")]
    [InlineData("7", "7", "7")]
    [InlineData("02", "02", "02")]
    public void Codes_AreNamed_OnlyInEnglish(string text, string kis, string english)
    {
        var frame = $"0|T0PROBE0|001|A^^^^^{text}";
        Rendering.Json(Probe.Feed.Schema, frame, NameStyle.Kis)[0].ShouldEndWith($"\"SIGN\":\"{kis}\"}}");
        Rendering.Json(Probe.Feed.Schema, frame, NameStyle.English)[0].ShouldEndWith($"\"sign\":\"{english}\"}}");
        Rendering.Csv(Probe.Feed.Schema, frame, NameStyle.Kis)[1].ShouldEndWith($",{kis},");
        Rendering.Csv(Probe.Feed.Schema, frame, NameStyle.English)[1].ShouldEndWith($",{english},");
    }

    [Fact]
    public void Json_EscapesOnlyWhatItMust() =>
        Rendering.Json(Probe.Feed.Schema, "0|T0PROBE0|001|A\"b\\c^삼성<전자>\t|&^^^^", NameStyle.Kis)[0]
            .ShouldBe("""{"CODE":"A\"b\\c","NAME":"삼성<전자>\t|&","QTY":null,"PRC":null,"HOUR":null,"SIGN":null}""");

    [Fact]
    public void Json_AppendedColumns_AreAnArray() =>
        Rendering.Json(Probe.Feed.Schema, "0|T0PROBE0|002|A^^^^^^1^^^B^^^^^^(null)^글^2", NameStyle.Kis).ShouldBe(
        [
            """{"CODE":"A","NAME":null,"QTY":null,"PRC":null,"HOUR":null,"SIGN":null,"extra":["1",null,null]}""",
            """{"CODE":"B","NAME":null,"QTY":null,"PRC":null,"HOUR":null,"SIGN":null,"extra":[null,"글","2"]}""",
        ]);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("a\rb", "\"a\rb\"")]
    [InlineData("", "")]
    [InlineData("국고(23-2)", "국고(23-2)")]
    public void Csv_QuotesAccordingToRfc4180(string text, string expected)
    {
        var row = new ArrayBufferWriter<byte>();
        row.Write("x,"u8);
        RecordCsv.WriteText(row, Encoding.UTF8.GetBytes(text));
        Encoding.UTF8.GetString(row.WrittenSpan).ShouldBe("x," + expected);
    }

    [Fact]
    public void Csv_FitsItsBuffer_IfEveryByteIsEscaped()
    {
        var quotes = new string('"', 1000);
        var twice = quotes + quotes;

        Rendering.Csv(Probe.Feed.Schema, $"0|T0PROBE0|001|{quotes}^{quotes}^7^.5^093000^2^{quotes}^{quotes}", NameStyle.English)[1]
            .ShouldBe($"\"{twice}\",\"{twice}\",7,0.5,093000,up,\"{twice}^{twice}\"");
        Rendering.Csv(Probe.Feed.Schema, "0|T0PROBE0|001|\"^\"^7^-.5^^2^", NameStyle.English)[1].ShouldBe("\"\"\"\",\"\"\"\",7,-0.5,,up,");
    }

    [Fact]
    public void Csv_NamedColumnsHaveACell_ForEveryWidth()
    {
        var feed = Probe.Feed.Schema
            .WithLayout(FeedLayout.Appended(6, [new Column { Element = "N1", Name = "First", Type = ColumnType.Decimal }]))
            .WithLayout(FeedLayout.Appended(
                6,
                [
                    new Column { Element = "n2", Name = "Sec,ond" },
                    new Column { Element = "N1", Name = "First", Type = ColumnType.Decimal },
                ]));

        Rendering.Csv(feed, "0|T0PROBE0|001|A^^^^^", NameStyle.English)
            .ShouldBe(["code,name,quantity,price,time,sign,first,\"sec,ond\",extra", "A,,,,,,,,"]);
        Rendering.Csv(feed, "0|T0PROBE0|001|A^^^^^^+07.50", NameStyle.English)[1].ShouldBe("A,,,,,,7.50,,");
        Rendering.Csv(feed, "0|T0PROBE0|001|A^^^^^^x,y^+07.50", NameStyle.English)[1].ShouldBe("A,,,,,,7.50,\"x,y\",");
        Rendering.Csv(feed, "0|T0PROBE0|001|A^^^^^^x^1^2^3", NameStyle.English)[1].ShouldBe("A,,,,,,1,x,2^3");
    }

    [Theory]
    [InlineData("H0UPCNT0")]
    [InlineData("H0BJCNT0")]
    [InlineData("H0STPGM0")]
    [InlineData("H0IFCNI0")]
    public void Csv_DoesNotAllocate(string trId)
    {
        DataFrame.TryParse(Decoding.Bytes(Samples.Of(trId) + "^\"a,b\""), out var frame, out _).ShouldBeTrue();
        KisFeeds.Catalog.TryGet(frame.TrId, out var feed).ShouldBeTrue();
        feed!.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var csv = new RecordCsv(feed, NameStyle.English);
        var row = new ArrayBufferWriter<byte>(1 << 12);
        var scratch = new int[RecordReader.ScratchLength(shape)];
        var before = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            if (i == 10)
                before = GC.GetAllocatedBytesForCurrentThread();
            var reader = new RecordReader(frame, shape, scratch);
            reader.MoveNext();
            csv.WriteRow(row, reader.Current);
            row.ResetWrittenCount();
        }

        // Not zero: a garbage collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(19_990);
    }

    [Fact]
    public void Csv_OfEqualFeeds_IsTheSame()
    {
        static FeedSchema Read() => Probe.Feed.Schema.WithLayout(
            FeedLayout.Appended(6, [new Column { Element = "N1", Name = "First", Type = ColumnType.Decimal }]));

        Rendering.Rows(new RecordCsv(Read(), NameStyle.Kis), Read(), "0|T0PROBE0|002|A^^^^^^+1^B^^^^^^2")
            .ShouldBe(["A,,,,,,1,", "B,,,,,,2,"]);
    }

    [Fact]
    public void Csv_OfTextsAndExtraColumns() =>
        Rendering.Csv(Probe.Feed.Schema, "0|T0PROBE0|002|A,1^\"이름\"^+05^-00.50^093000^2^x,y^z^B^(null)^nan^^^^^", NameStyle.Kis).ShouldBe(
        [
            "CODE,NAME,QTY,PRC,HOUR,SIGN,extra",
            "\"A,1\",\"\"\"이름\"\"\",5,-0.50,093000,2,\"x,y^z\"",
            "B,,,,,,^",
        ]);

    [Fact]
    public void AFrameOfAMillionColumns_IsCheckedAndWrittenInOnePass()
    {
        // Quadratic work on a wide frame would block the reader for hours: 2^20 columns squared.
        const int Columns = 1 << 20;
        var frame = "0|T0PROBE0|001|A^^^^^" + string.Concat(Enumerable.Repeat("^x", Columns));

        Rendering.Check(Probe.Feed.Schema, Decoding.Bytes(frame)).Kind.ShouldBe(FrameErrorKind.None);
        Rendering.Json(Probe.Feed.Schema, frame, NameStyle.Kis)[0].Length.ShouldBeGreaterThan(Columns * 4);
        Rendering.Csv(Probe.Feed.Schema, frame, NameStyle.Kis)[1].ShouldEndWith("x^x^x");
        Decoding.Record<Probe>(Probe.Feed.Schema, frame).Extra.Count.ShouldBe(Columns);

        var mixed = "0|T0SHIFT0|001|093000^1.5^100^1^2^X^A" + string.Concat(Enumerable.Repeat("^x", Columns));
        (Decoding.Encode("T0SHIFT0", Decoding.Record<ShiftedQuote>(ShiftedQuote.Feed.Schema, mixed)) == mixed).ShouldBeTrue();
    }
}
