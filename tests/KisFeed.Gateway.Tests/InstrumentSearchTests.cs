using KisFeed.Feeds;

namespace KisFeed.Gateway.Tests;

/// <summary>
/// The same searches and instruments as in web/test/watch/directory.test.ts, and those of kinds that the dashboard does not show.
/// </summary>
public sealed class InstrumentSearchTests
{
    private static readonly InstrumentSearch s_search = new(
    [
        new(InstrumentKind.Index, "0001", "종합", "KOSPI"),
        new(InstrumentKind.Index, "2001", "KOSPI200", "KOSPI 200"),
        new(InstrumentKind.Stock, "005930", "삼성전자", "Samsung Electronics"),
        new(InstrumentKind.Stock, "005935", "삼성전자우"),
        new(InstrumentKind.Stock, "028260", "삼성물산"),
        new(InstrumentKind.Stock, "071050", "한국금융지주"),
        new(InstrumentKind.Stock, "000660", "SK하이닉스"),
        new(InstrumentKind.Stock, "0000Y0", "<script>alert(1)</script>"),
        new(InstrumentKind.Bond, "KR103502GA34", "국고03500-3406"),
        new(InstrumentKind.Future, "101V12", "코스피200 선물"),
        new(InstrumentKind.OverseasStock, "DNASAAPL", "애플", "APPLE INC"),
        new(InstrumentKind.OverseasStock, "DNASAAPU", "DIREXION AAPL DAILY 2X"),
        new(InstrumentKind.OverseasStock, "DNYSBRK/B", "버크셔 해서웨이 B"),
    ]);

    [Theory]
    [InlineData("005930", "005930")]
    [InlineData("00593", "005930", "005935")]
    [InlineData("삼성전자", "005930", "005935")]
    [InlineData("전자우", "005935")]
    [InlineData("samsung electronics", "005930")]
    [InlineData("SAMSUNG", "005930")]
    [InlineData("kospi 200", "2001")]
    [InlineData(" kospi", "0001", "2001")]
    [InlineData("sk하이", "000660")]
    [InlineData("국고", "KR103502GA34")]
    [InlineData("ㅅㅅㅈㅈ", "005930", "005935")]
    [InlineData("ㅈㅈㅇ", "005935")]
    [InlineData("ㅎㅇㄴㅅ", "000660")]
    [InlineData("ㅎㄱㄱㅇ", "071050")]
    [InlineData("<script>", "0000Y0")]
    [InlineData("kr1035", "KR103502GA34")]
    [InlineData("없는 이름")]
    [InlineData("코스피200 선물", "101V12")]
    [InlineData("aapl", "DNASAAPL", "DNASAAPU")]
    [InlineData("dnasaap", "DNASAAPL", "DNASAAPU")]
    [InlineData("brk/b", "DNYSBRK/B")]
    [InlineData("애플", "DNASAAPL")]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(".*")]
    public void A_search_finds_the_same_as_on_the_dashboard(string text, params string[] codes) =>
        s_search.Find(text).Select(match => match.Code).ShouldBe(codes);

    [Theory]
    [InlineData("에코프로", "086520", "247540")]
    [InlineData("ㅇㅋㅍㄹ", "086520", "247540")]
    [InlineData("ecopro", "086520")]
    [InlineData("에코", "247540", "086520")]
    public void What_is_called_exactly_so_comes_before_longer_names(string text, params string[] codes) =>
        new InstrumentSearch(
            [
                new(InstrumentKind.Stock, "247540", "에코프로비엠"),
                new(InstrumentKind.Stock, "086520", "에코프로", "Ecopro"),
            ]).Find(text).Select(match => match.Code).ShouldBe(codes);

    [Fact]
    public void Consonant_clusters_are_searched_as_two_initials()
    {
        var two = new InstrumentSearch(
            [
                new(InstrumentKind.Stock, "005030", "부산주공"),
                new(InstrumentKind.Stock, "000001", "각시"),
                new(InstrumentKind.Stock, "000002", "한국상사"),
            ]);
        string[] FindCodes(string text) => [.. two.Find(text).Select(match => match.Code)];

        FindCodes("ㅄㅈ").ShouldBe(["005030"]);
        FindCodes("ㅎㄳ").ShouldBe(["000002"]);
        FindCodes("ㄳ").ShouldBe(["000001", "000002"]);
    }

    // A literal, because without ICU .NET cannot decompose syllables.
    [Theory]
    [InlineData("\u1109\u1161\u11B7\u1109\u1165\u11BC\u1106\u116E\u11AF\u1109\u1161\u11AB", "삼성물산")]
    [InlineData("sk\u1112\u1161\u110B\u1175\u1102\u1175\u11A8\u1109\u1173", "sk하이닉스")]
    [InlineData("\u1100\u116E\u11A8\u1100\u116903500", "국고03500")]
    public void Decomposed_names_are_composed(string apart, string text)
    {
        s_search.Find(apart).ShouldHaveSingleItem().ShouldBe(s_search.Find(text).ShouldHaveSingleItem());
        Hangul.Compose(apart).ShouldBe(text);
    }

    [Theory]
    [InlineData(
        "123456", "123456", InstrumentKind.Stock, InstrumentKind.Future, InstrumentKind.Option, InstrumentKind.StockFuture,
        InstrumentKind.StockOption, InstrumentKind.CommodityFuture, InstrumentKind.NightFuture, InstrumentKind.NightOption,
        InstrumentKind.Elw)]
    [InlineData("1234", "1234", InstrumentKind.Index)]
    [InlineData("kr6000000000", "KR6000000000", InstrumentKind.Bond)]
    [InlineData("OESZ26C7000", "OESZ26C7000", InstrumentKind.OverseasFuture)]
    [InlineData(
        "dnyske1", "DNYSKE1", InstrumentKind.Future, InstrumentKind.Option, InstrumentKind.StockFuture, InstrumentKind.StockOption,
        InstrumentKind.CommodityFuture, InstrumentKind.NightFuture, InstrumentKind.NightOption, InstrumentKind.OverseasStock)]
    [InlineData("57jn53", "57JN53", InstrumentKind.Elw)]
    public void A_code_without_a_known_name_is_found_for_every_kind_that_has_such_codes(
        string text, string code, params InstrumentKind[] kinds) =>
        s_search.Find(text).ShouldBe(kinds.Select(kind => new InstrumentMatch(kind, code, null, null)));

    [Fact]
    public void An_exact_name_must_be_unique_among_the_instruments_of_the_feed()
    {
        s_search.FindExactly(ProgramTrade.Consolidated.Schema, "samsung ELECTRONICS").Select(match => match.Code).ShouldBe(["005930"]);
        s_search.FindExactly(IndexTrade.Feed.Schema, "삼성전자").ShouldBeEmpty();
        s_search.FindExactly(ProgramTrade.Consolidated.Schema, "삼성").ShouldBeEmpty();
        s_search.FindExactly(OverseasTrade.Feed.Schema, "brk/b").Select(match => match.Code).ShouldBe(["DNYSBRK/B"]);
        s_search.FindExactly(OverseasDelayedQuote.Feed.Schema, "애플").ShouldBeEmpty("this feed has no exchange of the United States");
    }

    public static TheoryData<InstrumentKind, string, string> Feeds => new()
    {
        { InstrumentKind.Index, "0001", "index" },
        { InstrumentKind.Stock, "005930", "trade book program" },
        { InstrumentKind.Stock, "Q530031", "trade book program" },
        { InstrumentKind.Bond, "KR103502GA34", "bond bond-book" },
        { InstrumentKind.Future, "A01612", "futures futures-book" },
        { InstrumentKind.Future, "D0160301", "futures futures-book" },
        { InstrumentKind.Option, "B01612850", "options options-book" },
        { InstrumentKind.StockFuture, "A11612", "stock-futures stock-futures-book" },
        { InstrumentKind.StockOption, "B11612070", "stock-options stock-options-book" },
        { InstrumentKind.CommodityFuture, "A75612", "commodity-futures commodity-futures-book" },
        { InstrumentKind.NightFuture, "A01612", "night-futures night-futures-book" },
        { InstrumentKind.NightOption, "B01612850", "night-options night-options-book" },
        { InstrumentKind.Elw, "57JN53", "elw elw-book" },
        { InstrumentKind.OverseasStock, "DNASAAPL", "us us-book" },
        { InstrumentKind.OverseasStock, "DHKS00003", "us asia-quote" },
        { InstrumentKind.OverseasFuture, "ESZ26", "overseas-futures overseas-futures-book" },
        { InstrumentKind.OverseasOption, "OESZ26C7000", "overseas-futures overseas-futures-book" },
    };

    [Theory]
    [MemberData(nameof(Feeds))]
    public void The_kind_determines_the_feeds(InstrumentKind kind, string code, string aliases)
    {
        new InstrumentMatch(kind, code, null, null).Feeds.Select(feed => feed.Alias).ShouldBe(aliases.Split(' '));
        new Instrument(kind, code, "이름").HasKey.ShouldBeTrue();
        new Instrument(kind, "이름", "이름").HasKey.ShouldBeFalse();
    }

    [Fact]
    public void Every_kind_has_feeds_and_every_feed_except_notices_and_bond_indices_has_a_kind()
    {
        Feeds.Select(row => row.Data.Item1).Distinct().ShouldBe(Enum.GetValues<InstrumentKind>(), ignoreOrder: true);
        KisFeeds.Catalog.Feeds.Where(feed => !feed.IsNotice && !InstrumentFeeds.HasInstruments(feed)).Select(feed => feed.Alias)
            .ShouldBe(["bond-index"]);
    }

    [Theory]
    [InlineData(InstrumentKind.Stock, "069500", "nav", true)]
    [InlineData(InstrumentKind.Stock, "005930", "status-nxt", true)]
    [InlineData(InstrumentKind.Index, "0001", "index-program", true)]
    [InlineData(InstrumentKind.StockOption, "B11612070", "stock-options-expected", true)]
    [InlineData(InstrumentKind.NightOption, "B01612850", "night-options-expected", true)]
    [InlineData(InstrumentKind.NightFuture, "A01612", "futures", false)]
    [InlineData(InstrumentKind.Future, "A01612", "stock-futures", false)]
    [InlineData(InstrumentKind.Future, "A01612", "night-futures", false)]
    [InlineData(InstrumentKind.Option, "B01612850", "stock-options", false)]
    public void A_kind_has_other_feeds_too_but_not_those_of_other_markets(InstrumentKind kind, string code, string alias, bool has) =>
        new InstrumentMatch(kind, code, null, null).IsOf(KisFeeds.Catalog.Feeds.Single(feed => feed.Alias == alias && !feed.IsMockOnly))
            .ShouldBe(has);
}
