namespace KisFeed.Gateway.Tests;

/// <summary>The same searches and instruments as in web/test/watch/directory.test.ts.</summary>
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
    ]);

    [Theory]
    [InlineData("005930", "005930")]
    [InlineData("00593", "005930", "005935")]
    [InlineData("삼성전자", "005930", "005935")]
    [InlineData("전자우", "005935")]
    [InlineData("samsung electronics", "005930")]
    [InlineData("SAMSUNG", "005930")]
    [InlineData("kospi 200", "2001")]
    [InlineData(" kospi", "2001", "0001")]
    [InlineData("sk하이", "000660")]
    [InlineData("국고", "KR103502GA34")]
    [InlineData("ㅅㅅㅈㅈ", "005930", "005935")]
    [InlineData("ㅈㅈㅇ", "005935")]
    [InlineData("ㅎㅇㄴㅅ", "000660")]
    [InlineData("ㅎㄱㄱㅇ", "071050")]
    [InlineData("<script>", "0000Y0")]
    [InlineData("kr1035", "KR103502GA34")]
    [InlineData("없는 이름")]
    [InlineData("코스피200 선물")]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(".*")]
    public void A_search_finds_the_same_as_on_the_dashboard(string text, params string[] codes) =>
        s_search.Find(text).Select(match => match.Code).ShouldBe(codes);

    [Fact]
    public void Consonant_clusters_are_searched_as_two_initials()
    {
        var two = new InstrumentSearch([new(InstrumentKind.Stock, "005030", "부산주공"), new(InstrumentKind.Stock, "000001", "각시"), new(InstrumentKind.Stock, "000002", "한국상사")]);
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
    [InlineData("123456", InstrumentKind.Stock, "123456")]
    [InlineData("1234", InstrumentKind.Index, "1234")]
    [InlineData("kr6000000000", InstrumentKind.Bond, "KR6000000000")]
    public void A_valid_code_without_a_known_name_is_found(string text, InstrumentKind kind, string code) =>
        s_search.Find(text).ShouldBe([new InstrumentMatch(kind, code, null, null)]);

    [Fact]
    public void An_exact_name_must_be_unique_among_the_instruments_of_the_feed()
    {
        s_search.FindExactly(KisFeed.Feeds.ProgramTrade.Consolidated.Schema, "samsung ELECTRONICS").Select(match => match.Code).ShouldBe(["005930"]);
        s_search.FindExactly(KisFeed.Feeds.IndexTrade.Feed.Schema, "삼성전자").ShouldBeEmpty();
        s_search.FindExactly(KisFeed.Feeds.ProgramTrade.Consolidated.Schema, "삼성").ShouldBeEmpty();
    }
}
