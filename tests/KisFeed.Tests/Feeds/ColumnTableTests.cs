using System.Collections.Immutable;
using System.Reflection;

namespace KisFeed.Tests.Feeds;

/// <summary>Compares the layouts in the code with a table taken from the broker's documents.</summary>
public sealed class ColumnTableTests
{
    private static readonly ILookup<string, string> s_table = ReadTable();

    [Theory]
    [InlineData(nameof(IndexTrade), 30)]
    [InlineData(nameof(BondTrade), 19)]
    [InlineData(nameof(ProgramTrade), 11)]
    [InlineData(nameof(OrderNotice), 22)]
    public void Columns_MatchTheDocument(string record, int count)
    {
        var columns = ColumnsOf(record);

        columns.Length.ShouldBe(count);
        columns.Select(c => $"{c.Element} | {c.Korean} | {c.Type} | {c.Unit}".TrimEnd()).ShouldBe(s_table[record]);
    }

    [Theory]
    [InlineData(nameof(IndexTrade))]
    [InlineData(nameof(BondTrade))]
    [InlineData(nameof(ProgramTrade))]
    [InlineData(nameof(OrderNotice))]
    public void EnglishNames_AreThePropertiesInOrder_AndUnique(string record)
    {
        var type = typeof(IndexTrade).Assembly.GetType($"KisFeed.Feeds.{record}").ShouldNotBeNull();
        var annotated = type.GetProperties().Where(p => p.IsDefined(typeof(ColumnAttribute))).Select(p => p.Name);

        ColumnsOf(record).Select(c => c.Name).ShouldBe(annotated);
        ColumnsOf(record).Select(c => c.JsonName).Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(ColumnsOf(record).Length);
    }

    [Theory]
    [InlineData("H0UPCNT0", "H0UPCNT0")]
    [InlineData("h0upcnt0", "H0UPCNT0")]
    [InlineData("index", "H0UPCNT0")]
    [InlineData("Program-NXT", "H0NXPGM0")]
    [InlineData("H0IFCNI9", "H0IFCNI9")]
    public void TryFind_AcceptsTrIdAndAlias(string name, string trId)
    {
        KisFeeds.Catalog.TryFind(name, out var feed).ShouldBeTrue();
        feed.TrId.ShouldBe(trId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("H0UPCNT")]
    [InlineData("H0UPCNT00")]
    public void UnknownNames_AreNotFound(string name)
    {
        KisFeeds.Catalog.TryFind(name, out _).ShouldBeFalse();
        KisFeeds.Catalog.TryGet(System.Text.Encoding.ASCII.GetBytes(name), out _).ShouldBeFalse();
    }

    [Fact]
    public void Every_code_has_a_Korean_name_and_every_feed_says_where_its_mock_service_is_documented()
    {
        foreach (var feed in KisFeeds.Catalog.Feeds)
        {
            feed.MockSource.ShouldNotBeNullOrEmpty(feed.TrId);
            foreach (var column in feed.Columns)
                column.Codes.Values.ShouldAllBe(name => name.Korean.Length > 0, $"{feed.TrId} {column.Element}");
        }

        var status = MarketStatus.Krx.Schema.Columns;
        status.Single(c => c.Name == "MarketOperation").Codes["174"].ShouldBe(new("CircuitBreakerTriggered", "서킷브레이크 발동"));
        status.Single(c => c.Name == "MarketOperation").Codes["112"].JsonName.ShouldBe("open");
        status.Single(c => c.Name == "StockStatus").Codes["57"].Korean.ShouldBe("당사 증거금률 100");
    }

    [Theory]
    [InlineData("HDFFF020", "OESU24 C5500")]
    [InlineData("HDFFF010", "OESH23 C3900")]
    [InlineData("H0EUCNT0", "101V06")]
    [InlineData("H0EUASP0", "101V06")]
    [InlineData("H0EUANC0", "101V06")]
    [InlineData("HDFSCNT0", "RBAQAAPL")]
    public void Keys_of_the_published_samples_have_the_usual_form(string trId, string key)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        feed!.IsUsualKey(key).ShouldBeTrue();
    }

    [Theory]
    [InlineData("H0STCNT0", KisEnvironment.Mock, "H0STCNT0")]
    [InlineData("H0STASP0", KisEnvironment.Mock, "H0STASP0")]
    [InlineData("H0STCNT0", KisEnvironment.Production, "H0STCNT0")]
    [InlineData("H0STCNI0", KisEnvironment.Mock, "H0STCNI9")]
    [InlineData("H0UNCNT0", KisEnvironment.Mock, null)]
    public void Mock_trading_has_what_the_documents_say(string trId, KisEnvironment environment, string? offered)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        if (offered is null)
        {
            Should.Throw<FeedNotAvailableException>(() => FeedAvailability.Find(KisFeeds.Catalog, feed!, environment)).Message
                .ShouldContain("API document 2026-09-11");
        }
        else
        {
            FeedAvailability.Find(KisFeeds.Catalog, feed!, environment).TrId.ShouldBe(offered);
        }

        // What no document says is requested, and the broker decides.
        FeedAvailability.Find(KisFeeds.Catalog, IndexTrade.Feed.Schema with { MockSource = null }, KisEnvironment.Mock).TrId
            .ShouldBe("H0UPCNT0");
    }

    [Theory]
    [InlineData("H0UPCNT0")]
    [InlineData("h0upcnt0")]
    [InlineData("H0upCNT0")]
    public void TryGet_IgnoresCase_WithoutAllocating(string trId)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(trId);
        KisFeeds.Catalog.TryGet(bytes, out var feed).ShouldBeTrue();
        feed.TrId.ShouldBe("H0UPCNT0");

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            KisFeeds.Catalog.TryGet(bytes, out _);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Theory]
    [InlineData("HDFSCNT0", "DNASAAPL", "RBAQAAPL")]
    [InlineData("HDFSASP0", "DNYSBRK/B", "RBAYBRK/B")]
    [InlineData("HDFSCNT0", "DAMSSPY", "RBAASPY")]
    [InlineData("HDFSCNT0", "RBAQAAPL", null)]
    [InlineData("HDFSCNT0", "DNAS", null)]
    [InlineData("HDFSCNT0", "DHKS00003", null)]
    [InlineData("HDFSASP1", "DHKS00003", null)]
    [InlineData("H0STCNT0", "DNASAAPL", null)]
    public void Keys_of_trading_by_day_are_those_of_the_document(string trId, string key, string? dayTime)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        feed!.DayTimeKeyOf(key).ShouldBe(dayTime);
        if (dayTime is not null)
            feed.IsUsualKey(dayTime).ShouldBeTrue();
    }

    [Fact]
    public void The_newest_codes_are_those_of_the_document()
    {
        OverseasOrderNotice.Columns.Single(c => c.Element == "SELN_BYOV_CLS").Codes["03"].ShouldBe(new("SellToClose", "전매도"));
        OverseasOrderNotice.Columns.Single(c => c.Element == "SELN_BYOV_CLS").Codes["04"].ShouldBe(new("BuyToClose", "환매수"));
        StockTrade.Columns.Single(c => c.Element == "MARKET_CLS_CODE").Codes["5"].ShouldBe(new("ClosingPrice", "종가"));
        var book = StockOrderBook.Consolidated.Schema;
        var last = book.Columns.Single(c => c.Element == "ANTC_EXCH_CLS_CODE");
        book.LayoutOf(66)!.PositionOf(book.Columns.IndexOf(last)).ShouldBe(65);
        last.Codes["2"].ShouldBe(new("Nxt", "NXT"));
        book.Columns[book.PresentColumns[^1]].ShouldBe(last);
    }

    [Fact]
    public void Codes_MatchTheDocument()
    {
        Codes("SELN_BYOV_CLS").ShouldBe("01=Sell 02=Buy");
        Codes("RCTF_CLS").ShouldBe("0=New 1=Amend 2=Cancel");
        Codes("ODER_KIND2").ShouldBe("0=Fill L=Acceptance");
        Codes("RFUS_YN").ShouldBe("0=None 1=Refused");
        Codes("CNTG_YN").ShouldBe("1=Order 2=Fill");
        Codes("ACPT_YN").ShouldBe("1=Accepted 2=Confirmed 3=Cancelled");
        string.Join(' ', IndexTrade.Columns[3].Codes.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={c.Value.Name}"))
            .ShouldBe("1=UpperLimit 2=Up 3=Unchanged 4=LowerLimit 5=Down");

        static string Codes(string element) => string.Join(
            ' ',
            OrderNotice.Columns.Single(c => c.Element == element).Codes.OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => $"{c.Key}={c.Value.Name}"));
    }

    [Theory]
    [InlineData(nameof(IndexTrade), ColumnRole.Time, "bsop_hour")]
    [InlineData(nameof(IndexTrade), ColumnRole.Price, "prpr_nmix")]
    [InlineData(nameof(IndexTrade), ColumnRole.TradeVolume, "pcas_vol")]
    [InlineData(nameof(IndexTrade), ColumnRole.CumulativeVolume, "acml_vol")]
    [InlineData(nameof(IndexTrade), ColumnRole.TradeTurnover, "pcas_tr_pbmn")]
    [InlineData(nameof(IndexTrade), ColumnRole.CumulativeTurnover, "acml_tr_pbmn")]
    [InlineData(nameof(BondTrade), ColumnRole.Time, "STCK_CNTG_HOUR")]
    [InlineData(nameof(BondTrade), ColumnRole.Price, "STCK_PRPR")]
    [InlineData(nameof(BondTrade), ColumnRole.TradeVolume, "CNTG_VOL")]
    [InlineData(nameof(BondTrade), ColumnRole.CumulativeVolume, "ACML_VOL")]
    [InlineData(nameof(ProgramTrade), ColumnRole.Time, "STCK_CNTG_HOUR")]
    [InlineData(nameof(ProgramTrade), ColumnRole.CumulativeVolume, "SELN_CNQN SHNU_CNQN")]
    [InlineData(nameof(ProgramTrade), ColumnRole.CumulativeTurnover, "SELN_TR_PBMN SHNU_TR_PBMN")]
    [InlineData(nameof(ProgramTrade), ColumnRole.NetVolume, "NTBY_CNQN")]
    [InlineData(nameof(ProgramTrade), ColumnRole.NetTurnover, "NTBY_TR_PBMN")]
    [InlineData(nameof(OrderNotice), ColumnRole.Time, "STCK_CNTG_HOUR")]
    public void Roles_MatchTheDocument(string record, ColumnRole role, string elements) =>
        string.Join(' ', ColumnsOf(record).Where(c => c.Role == role).Select(c => c.Element)).ShouldBe(elements);

    [Theory]
    [InlineData(nameof(IndexTrade), 6)]
    [InlineData(nameof(BondTrade), 4)]
    [InlineData(nameof(ProgramTrade), 7)]
    [InlineData(nameof(OrderNotice), 1)]
    public void OtherColumns_HaveNoRole(string record, int columns) =>
        ColumnsOf(record).Count(c => c.Role != ColumnRole.None).ShouldBe(columns);

    private static ImmutableArray<Column> ColumnsOf(string record) =>
        KisFeeds.Catalog.Feeds.First(f => f.RecordName == record).Columns;

    private static ILookup<string, string> ReadTable()
    {
        var record = "";
        var rows = new List<(string Record, string Row)>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "columns.txt"))
            .Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
                record = line[2..];
            else
                rows.Add((record, line));
        }

        return rows.ToLookup(r => r.Record, r => r.Row, StringComparer.Ordinal);
    }
}
