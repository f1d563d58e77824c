namespace KisFeed.Simulator.Market;

/// <summary>The initial data of a stock.</summary>
/// <param name="Code">The short code.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Price">The previous close of the first day in KRW, a multiple of its tick size.</param>
internal sealed record StockListing(string Code, string Name, long Price)
{
    /// <summary>The listed stocks. Prices are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<StockListing> All { get; } =
    [
        new("005930", "삼성전자", 168_500),
        new("000660", "SK하이닉스", 892_000),
        new("373220", "LG에너지솔루션", 418_500),
        new("207940", "삼성바이오로직스", 1_742_000),
        new("005380", "현대차", 512_000),
        new("000270", "기아", 168_900),
        new("012450", "한화에어로스페이스", 1_184_000),
        new("105560", "KB금융", 148_200),
        new("055550", "신한지주", 96_400),
        new("086790", "하나금융지주", 118_700),
        new("068270", "셀트리온", 214_500),
        new("329180", "HD현대중공업", 603_000),
        new("035420", "NAVER", 262_500),
        new("035720", "카카오", 61_300),
        new("005490", "POSCO홀딩스", 372_500),
        new("006400", "삼성SDI", 386_500),
        new("051910", "LG화학", 341_000),
        new("028260", "삼성물산", 302_500),
        new("012330", "현대모비스", 421_500),
        new("066570", "LG전자", 117_400),
        new("015760", "한국전력", 58_700),
        new("034020", "두산에너빌리티", 96_800),
        new("009540", "HD한국조선해양", 438_000),
        new("033780", "KT&G", 162_300),
        new("017670", "SK텔레콤", 74_900),
        new("030200", "KT", 61_800),
        new("003670", "포스코퓨처엠", 233_500),
        new("259960", "크래프톤", 264_000),
        new("247540", "에코프로비엠", 178_600),
        new("196170", "알테오젠", 452_500),
    ];

    public static StockListing Generate(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));

        // Most stocks are cheap: a square spreads the draw over three orders of magnitude.
        var draw = random.NextUnit();
        return new StockListing(code, $"종목 {code}", TickSize.Nearest(1_000 + (draw * draw * 400_000)));
    }
}
