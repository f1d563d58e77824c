namespace KisFeed.Tests.Wire;

/// <summary>Records decoded from other revisions of a layout.</summary>
public sealed class RevisionTests
{
    private const string Sample =
        "005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700^5105^6937^1832^84."
        + "90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20230612^20^N^65945^216924^1118750^"
        + "2199206^0.05^2424142^125.92^0^^72100";

    private static readonly FeedSchema s_stock = StockTrade.Krx.Schema;
    private static readonly FeedSchema s_shifted = ShiftedQuote.Feed.Schema;
    private static readonly FeedSchema s_program = ProgramTrade.Krx.Schema;

    [Fact]
    public void A_layout_with_few_of_many_columns_is_read()
    {
        var feed = StockTrade.Krx.Schema with { Layouts = [FeedLayout.Of(StockTrade.Columns, StockTrade.Columns[..5])] };

        var record = Decoding.Record<StockTrade>(feed, "0|H0STCNT0|001|005930^090000^71000^2^500");

        (record.Price, record.Time).ShouldBe((71000m, new TimeOnly(9, 0)));
    }

    [Fact]
    public void An_extra_number_does_not_become_the_value_of_a_missing_column()
    {
        Column added = new() { Element = "NEW_CLMN", Name = "NewColumn", Type = ColumnType.Integer };
        var feed = s_stock with { Layouts = [FeedLayout.Of(StockTrade.Columns, StockTrade.Columns[..46].Add(added))] };

        var trade = Decoding.Record<StockTrade>(feed, $"0|H0STCNT0|001|{Sample}^1");

        trade.Session.ShouldBeNull();
        trade.Extra.Text.ShouldBe("1");
    }

    [Fact]
    public void Codes_of_several_characters_are_read()
    {
        var trade = Decoding.Record<StockTrade>(s_stock, $"0|H0STCNT0|001|{Sample.Replace("^N^", "^Yes^", StringComparison.Ordinal)}");

        trade.IsHalted.ShouldBe((YesNo)0x596573);
        Decoding.Encode("H0STCNT0", trade).ShouldContain("^Yes^");
    }

    [Fact]
    public void StockTrade_HasTwoRevisions() =>
        s_stock.Layouts.Select(l => l.Width).ShouldBe([46, 47]);

    [Fact]
    public void OlderRevision_LacksTheAppendedColumn()
    {
        var trade = Decoding.Record<StockTrade>(s_stock, $"0|H0STCNT0|001|{Sample}");

        trade.Price.ShouldBe(71900);
        trade.ViReferencePrice.ShouldBe(72100);
        trade.ExtensionCode.ShouldBeNull();
        trade.Session.ShouldBeNull();
        trade.Extra.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void NewerRevision_HasTheAppendedColumn()
    {
        var trade = Decoding.Record<StockTrade>(s_stock, $"0|H0STCNT0|001|{Sample}^2");

        trade.ViReferencePrice.ShouldBe(72100);
        trade.Session.ShouldBe(MarketSession.Regular);
        trade.Extra.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void SeveralRecords_EachWithAnAppendedColumn_StayAligned()
    {
        var frame = "0|H0STCNT0|003|"
            + string.Join(
                '^', Enumerable.Range(1, 3).Select(i => $"{Sample.Replace("71900^5", $"{i}^5", StringComparison.Ordinal)}^{i}^new{i}"));

        var trades = Decoding.Records<StockTrade>(s_stock, frame);

        trades.Select(t => t.Code).ShouldBe(["005930", "005930", "005930"]);
        trades.Select(t => t.Price).ShouldBe([1, 2, 3]);
        trades.Select(t => t.Session).ShouldBe([MarketSession.PreMarket, MarketSession.Regular, MarketSession.AfterMarket]);
        trades.Select(t => t.Extra.Text).ShouldBe(["new1", "new2", "new3"]);
    }

    [Fact]
    public void ExtraColumns_AreAccessibleByIndex()
    {
        var records = Decoding.Records<ProgramTrade>(
            s_program,
            "0|H0STPGM0|002|a^1^1^1^1^1^1^1^1^1^1^x^^ 한글 ^b^^2^2^2^2^2^2^2^2^2^^^z".Replace("a^1", "a^", StringComparison.Ordinal));

        records[0].Extra.Count.ShouldBe(3);
        records[0].Extra.Text.ShouldBe("x^^ 한글 ");
        records[0].Extra[0].ShouldBe("x");
        records[0].Extra[1].ShouldBe("");
        records[0].Extra[2].ShouldBe(" 한글 ");
        records[1].Extra.Text.ShouldBe("^^z");
        records[1].Extra[2].ShouldBe("z");
        Should.Throw<ArgumentOutOfRangeException>(() => records[0].Extra[3]);
        Should.Throw<ArgumentOutOfRangeException>(() => records[0].Extra[-1]);
        records[0].Extra.TryGet("x", out _).ShouldBeFalse();
        records[0].ShouldNotBe(records[0] with { Extra = records[1].Extra });
    }

    [Fact]
    public void AnEmptyExtraColumn_Counts()
    {
        var records = Decoding.Records<ProgramTrade>(s_program, "0|H0STPGM0|002|a^^1^1^1^1^1^1^1^1^1^^b^^2^2^2^2^2^2^2^2^2^");

        records[1].Extra.IsEmpty.ShouldBeFalse();
        records[1].Extra.Count.ShouldBe(1);
        records[1].Extra[0].ShouldBe("");
    }

    [Fact]
    public void NoExtraColumns_IsEmpty()
    {
        ExtraColumns none = default;
        none.Count.ShouldBe(0);
        none.Text.ShouldBe("");
        none.IsEmpty.ShouldBeTrue();
        none.TryGet("X", out var value).ShouldBeFalse();
        value.ShouldBe("");
        Should.Throw<ArgumentOutOfRangeException>(() => none[0]);
    }

    [Fact]
    public void ColumnsRemovedFromTheMiddle_AreAbsent()
    {
        var quotes = Decoding.Records<ShiftedQuote>(s_shifted, "0|T0SHIFT0|002|A^1.0^100^B^2.00^200");

        quotes.ShouldBe(
        [
            new ShiftedQuote { Code = "A", Ask = 1.0m, Volume = 100, ReceivedAt = Decoding.ReceivedAt },
            new ShiftedQuote { Code = "B", Ask = 2.00m, Volume = 200, ReceivedAt = Decoding.ReceivedAt },
        ]);
    }

    [Fact]
    public void RemovedColumns_AndAnUnknownOne()
    {
        var quotes = Decoding.Records<ShiftedQuote>(s_shifted, "0|T0SHIFT0|002|A^1.0^100^x^B^2.00^200^y");

        quotes.Select(q => q.Volume).ShouldBe([100, 200]);
        quotes.Select(q => q.Extra.Text).ShouldBe(["x", "y"]);
    }

    [Fact]
    public void AColumnInsertedInTheMiddle_IsAnExtraColumnWithItsName()
    {
        var quotes = Decoding.Records<ShiftedQuote>(s_shifted, "0|T0SHIFT0|002|A^2^1^1.5^093000^100^B^4^3^3.5^093001^200");

        quotes.Select(q => (q.Code, q.Ask, q.Bid, q.Time, q.Volume)).ShouldBe(
        [
            ("A", 2m, 1m, new TimeOnly(9, 30), 100L),
            ("B", 4m, 3m, new TimeOnly(9, 30, 1), 200L),
        ]);
        quotes.Select(q => q.Extra.Text).ShouldBe(["1.5", "3.5"]);
        quotes[1].Extra.TryGet("mid_prc", out var mid).ShouldBeTrue();
        mid.ShouldBe("3.5");
    }

    [Fact]
    public void AnotherOrder_WithInsertedAndAppendedColumns()
    {
        var quote = Decoding.Record<ShiftedQuote>(s_shifted, "0|T0SHIFT0|001|093000^1.5^100^1^2^X^A^new^^");

        (quote.Code, quote.Ask, quote.Bid, quote.Time, quote.Volume).ShouldBe(("A", 2m, 1m, new TimeOnly(9, 30), 100L));
        quote.Extra.Text.ShouldBe("1.5^X^new^^");
        quote.Extra.TryGet("MARKET", out var market).ShouldBeTrue();
        market.ShouldBe("X");
    }

    [Theory]
    [InlineData("0|T0SHIFT0|001|A^2^1^093000^100")]
    [InlineData("0|T0SHIFT0|002|A^2^1^1.5^093000^100^B^4^3^3.5^093001^200")]
    [InlineData("0|T0SHIFT0|002|093000^1.5^100^1^2^X^A^093000^1.5^100^1^2^^B")]
    [InlineData("0|T0SHIFT0|001|093000^1.5^100^1^2^X^A^new^^")]
    public void Reencoding_KeepsTheLayoutOfExtraColumns(string frame)
    {
        var quotes = Decoding.Records<ShiftedQuote>(s_shifted, frame);

        Decoding.Encode("T0SHIFT0", [.. quotes]).ShouldBe(frame);
    }

    [Fact]
    public void Reencoding_OfARevisionWithFewerColumns_GivesAnEqualRecord()
    {
        var quote = Decoding.Record<ShiftedQuote>(s_shifted, "0|T0SHIFT0|001|A^1.0^100");

        Decoding.Record<ShiftedQuote>(s_shifted, Decoding.Encode("T0SHIFT0", quote)).ShouldBe(quote);
    }

    [Fact]
    public void Errors_ReferToTheColumnOnTheWire()
    {
        var frame = Decoding.Bytes("0|T0SHIFT0|002|093000^1.5^100^1^2^X^A^093000^1.5^100^bad^2^X^B");

        var error = Decoding.Error<ShiftedQuote>(s_shifted, frame);

        error.Kind.ShouldBe(FrameErrorKind.InvalidNumber);
        error.Record.ShouldBe(1);
        error.Column.ShouldNotBeNull().Element.ShouldBe("BID");
        Encoding.UTF8.GetString(frame.AsSpan(error.Position, 3)).ShouldBe("bad");
    }

    [Fact]
    public void Fields_AreIndexedByTheColumnsOfTheRecord()
    {
        DataFrame.TryParse("0|T0SHIFT0|002|A^2^1^1.5^093000^100^B^4^3^3.5^093001^200"u8, out var frame, out _).ShouldBeTrue();
        s_shifted.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        reader.MoveNext().ShouldBeTrue();
        reader.MoveNext().ShouldBeTrue();
        var fields = reader.Current;

        Encoding.UTF8.GetString(fields.Text).ShouldBe("B^4^3^3.5^093001^200");
        fields.Record.ShouldBe(1);
        Encoding.UTF8.GetString(fields[4]).ShouldBe("200");
        fields.OffsetOf(4).ShouldBe(frame.Bytes.Length - 3);
        fields.ExtraCount.ShouldBe(1);
        Encoding.UTF8.GetString(fields.Extra(0)).ShouldBe("3.5");
        reader.MoveNext().ShouldBeFalse();
        reader.MoveNext().ShouldBeFalse();
    }
}
