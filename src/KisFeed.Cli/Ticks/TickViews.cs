using KisFeed.Feeds;

namespace KisFeed.Cli.Ticks;

internal static class TickViews
{
    /// <summary>The number of columns shown for a record without a view of its own.</summary>
    private const int UnknownColumns = 5;
    private const string RealTime = "실시간";

    private static readonly TickView s_index = new(
        "지수 Index",
        [
            new(nameof(IndexTrade.Price), "현재가 Price", "", TickStyle.Number, 10),
            new(nameof(IndexTrade.Change), "대비 Change", "", TickStyle.Change, 8),
            new(nameof(IndexTrade.ChangeRate), "등락률 %", "", TickStyle.SignedPercent, 7),
            new(nameof(IndexTrade.AccumulatedVolume), "거래량 k", "vol", TickStyle.Number, 11),
            new(nameof(IndexTrade.AccumulatedValue), "대금 M KRW", "value", TickStyle.Number, 11),
        ]);

    private static readonly TickView s_bond = new(
        "채권 Bond",
        [
            new(nameof(BondTrade.Price), "현재가 Price", "", TickStyle.Number, 10),
            new(nameof(BondTrade.Change), "대비 Change", "", TickStyle.Change, 8),
            new(nameof(BondTrade.ChangeRate), "등락률 %", "", TickStyle.SignedPercent, 7),
            new(nameof(BondTrade.AccumulatedVolume), "거래량 k KRW", "vol", TickStyle.Number, 11),
            new(nameof(BondTrade.Yield), "수익률 Yield", "yield", TickStyle.Percent, 7),
        ])
    {
        NameColumn = nameof(BondTrade.Name),
    };

    private static readonly TickView s_program = new(
        "프로그램 Program",
        [
            new(nameof(ProgramTrade.NetVolume), "순매수 Net", "net", TickStyle.SignedNumber, 10),
            new(nameof(ProgramTrade.BuyVolume), "매수 Buy", "buy", TickStyle.Number, 10),
            new(nameof(ProgramTrade.SellVolume), "매도 Sell", "sell", TickStyle.Number, 10),
            new(nameof(ProgramTrade.NetValue), "순매수대금 Net KRW", "net KRW", TickStyle.SignedNumber, 16),
        ]);

    private static readonly TickView s_notice = new(
        "주문 Order",
        [
            new(nameof(OrderNotice.Side), "매매 Side", "", TickStyle.Side, 4),
            new(nameof(OrderNotice.FillQuantity), "수량 Qty", "", TickStyle.Number, 4),
            new(nameof(OrderNotice.FillPrice), "가격 Price", "at", TickStyle.Number, 9),
            new(nameof(OrderNotice.Kind), "통보 Kind", "", TickStyle.Text, 5),
            new(nameof(OrderNotice.Acceptance), "접수 State", "", TickStyle.Text, 9),
            new(nameof(OrderNotice.OrderNumber), "주문번호 No.", "order", TickStyle.Text, 10),
        ])
    {
        NameColumn = nameof(OrderNotice.InstrumentName),
        IsEventList = true,
    };

    // The best bid and ask.
    private static readonly TickView s_book = new(
        "호가 Book",
        [
            new("BidQuantity1", "매수잔량", "", TickStyle.Number, 9),
            new("BidPrice1", "매수 Bid", "bid", TickStyle.Number, 9),
            new("AskPrice1", "매도 Ask", "ask", TickStyle.Number, 9),
            new("AskQuantity1", "매도잔량", "", TickStyle.Number, 9),
        ])
    {
        IsBook = true,
    };

    /// <summary>The view of a whole order book; its first columns are those of the best level.</summary>
    public static TickView Ladder { get; } = s_book with
    {
        Columns =
        [
            new("AskQuantity1", "매도잔량 Ask", "", TickStyle.Number, 9),
            new("AskPrice1", "호가 Price", "", TickStyle.Number, 9),
            new("BidQuantity1", "매수잔량 Bid", "", TickStyle.Number, 9),
        ],
    };

    private static readonly TickView s_trade = new(
        "체결 Trade",
        [
            new(nameof(StockTrade.Price), "현재가 Price", "", TickStyle.Number, 10),
            new(nameof(StockTrade.Change), "대비 Change", "", TickStyle.Change, 8),
            new(nameof(StockTrade.ChangeRate), "등락률 %", "", TickStyle.SignedPercent, 7),
            new(nameof(StockTrade.Volume), "체결량 Vol", "", TickStyle.Number, 8),
            new(nameof(StockTrade.AccumulatedVolume), "거래량 Today", "vol", TickStyle.Number, 11),
        ]);

    private static readonly TickView s_expected = new(
        "예상체결 Expected",
        [
            new(nameof(FuturesExpectedTrade.ExpectedPrice), "예상가 Price", "", TickStyle.Number, 10),
            new(nameof(FuturesExpectedTrade.ExpectedChange), "대비 Change", "", TickStyle.SignedNumber, 8),
            new(nameof(FuturesExpectedTrade.ExpectedChangeRate), "등락률 %", "", TickStyle.SignedPercent, 7),
            new(nameof(FuturesExpectedTrade.ExpectedQuantity), "예상량 Qty", "", TickStyle.Number, 8),
        ]);

    private static readonly TickView s_nav = new(
        "NAV",
        [
            new(nameof(EtfNav.Nav), "NAV", "", TickStyle.Number, 12),
            new(nameof(EtfNav.Change), "대비 Change", "", TickStyle.Change, 9),
            new(nameof(EtfNav.ChangeRate), "등락률 %", "", TickStyle.SignedPercent, 7),
        ]);

    private static readonly TickView s_status = new(
        "장운영 Status",
        [
            new(nameof(MarketStatus.MarketOperation), "장운영 State", "state", TickStyle.BothNames, 16),
            new(nameof(MarketStatus.IsHalted), "정지 Halted", "halted", TickStyle.Text, 6),
            new(nameof(MarketStatus.ViCode), "VI", "VI", TickStyle.Text, 4),
            new(nameof(MarketStatus.StockStatus), "상태 Status", "", TickStyle.BothNames, 12),
            new(nameof(MarketStatus.HaltReason), "사유 Reason", "", TickStyle.Text, 20),
        ]);

    private static readonly TickView s_members = new(
        "회원사 Members",
        [
            new("SellerName1", "매도 1위 Seller", "sold", TickStyle.Text, 12),
            new("SellerVolume1", "수량 Sold", "", TickStyle.Number, 9),
            new("BuyerName1", "매수 1위 Buyer", "bought", TickStyle.Text, 12),
            new("BuyerVolume1", "수량 Bought", "", TickStyle.Number, 9),
        ]);

    private static readonly TickView s_flow = new(
        "프로그램 Program",
        [
            new("TotalNetValue", "순매수대금 Net", "net", TickStyle.SignedNumber, 14),
            new("ArbitrageNetValue", "차익 Arbitrage", "arbitrage", TickStyle.SignedNumber, 14),
            new("NonArbitrageNetValue", "비차익 Other", "other", TickStyle.SignedNumber, 14),
        ]);

    /// <summary>
    /// Returns the view of a feed's records: that of its record type, or else one by the columns it has. A feed without any of them shows
    /// its price and change if it has them, and its first columns.
    /// </summary>
    public static TickView Of(FeedSchema feed) => feed.RecordName switch
    {
        nameof(IndexTrade) => s_index,
        nameof(BondTrade) => s_bond,
        nameof(ProgramTrade) => s_program,
        nameof(EtfNav) => s_nav,
        nameof(MarketStatus) => s_status,
        nameof(MemberTrading) => s_members,
        nameof(IndexProgramTrade) => s_flow,
        _ when feed.IsNotice => s_notice with { Columns = [.. s_notice.Columns.Where(c => feed.Columns.Any(f => f.Name == c.Name))] },
        _ => new[] { s_book, s_trade, s_expected }.FirstOrDefault(view => view.Columns.All(c => feed.Columns.Any(f => f.Name == c.Name)))
            ?? Unknown(feed),
    };

    private static TickView Unknown(FeedSchema feed) => new(
        feed.Korean.Length == 0 ? feed.TrId : $"{feed.Korean.Replace(RealTime, "", StringComparison.Ordinal).Trim()} {feed.Alias}".Trim(),
        [
            .. feed.Columns
                .Where((column, index) => index != feed.KeyColumn
                    && column.Type is not (ColumnType.Time or ColumnType.Date)
                    && !IsSign(column))
                .OrderBy(RankOf)
                .Take(UnknownColumns)
                .Select(ColumnOf),
        ]);

    private static bool IsSign(Column column) =>
        column.Type == ColumnType.Code && column.Name.EndsWith(nameof(StockTrade.Sign), StringComparison.Ordinal);

    private static int RankOf(Column column) => column switch
    {
        { Role: ColumnRole.Price } => 0,
        { Name: nameof(StockTrade.Change) } => 1,
        { Name: nameof(StockTrade.ChangeRate) } => 2,
        { Role: ColumnRole.TradeVolume } => 3,
        { Role: ColumnRole.CumulativeVolume } => 4,
        _ => 5,
    };

    // A column of a layout file has only its element's name.
    private static TickColumn ColumnOf(Column column) => column.Name switch
    {
        nameof(StockTrade.Change) => new TickColumn(column.Name, "대비 Change", "", TickStyle.Change, 8),
        nameof(StockTrade.ChangeRate) => new TickColumn(column.Name, "등락률 %", "", TickStyle.SignedPercent, 7),
        nameof(StockTrade.Open) => new TickColumn(column.Name, "시가 Open", "open", TickStyle.Number, 8),
        nameof(StockTrade.High) => new TickColumn(column.Name, "고가 High", "high", TickStyle.Number, 8),
        nameof(StockTrade.Low) => new TickColumn(column.Name, "저가 Low", "low", TickStyle.Number, 8),
        _ => new TickColumn(
            column.Name,
            $"{column.Korean} {(column.Name == column.Element ? column.Element : Words(column.Name))}".Trim(),
            column.Role == ColumnRole.Price ? "" : column.JsonName,
            column.IsNumeric ? TickStyle.Number : TickStyle.Text,
            8),
    };

    // CleanPriceIndex is Clean Price Index.
    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => i > 0 && char.IsAsciiLetterUpper(letter) ? $" {letter}" : $"{letter}"));
}
