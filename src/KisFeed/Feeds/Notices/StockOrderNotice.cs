using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A notice about one's own order in domestic stocks (국내주식 주식체결통보), sent encrypted, 26 columns. Before March 2025 there were
/// 23, and the mock service may still send those; on it the field after the name of the account packs several values.
/// Source: the broker's document 실시간-005.
/// </summary>
[Feed(
    "H0STCNI0", Member = "Feed", MockTrId = "H0STCNI9", Alias = "stock-notice", Korean = "국내주식 주식체결통보", Market = FeedMarket.Notices,
    Document = "실시간-005", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true,
    MockSource = "API document 2026-09-11")]
[Revision("..ACNT_NAME", "CNTG_ISNM", "CRDT_CLS..ODER_PRC", TrId = "H0STCNI0")]
[Revision("..ODER_PRC", TrId = "H0STCNI0")]
public readonly partial record struct StockOrderNotice
{
    [Column("CUST_ID", "고객 ID", IsKey = true)]
    public partial string CustomerId { get; init; }

    [Column("ACNT_NO", "계좌번호")]
    public partial string? AccountNumber { get; init; }

    [Column("ODER_NO", "주문번호")]
    public partial string? OrderNumber { get; init; }

    [Column("OODER_NO", "원주문번호")]
    public partial string? OriginalOrderNumber { get; init; }

    /// <summary>Sell or buy.</summary>
    [Column("SELN_BYOV_CLS", "매도매수구분")]
    public partial OrderSide? Side { get; init; }

    [Column("RCTF_CLS", "접수구분")]
    public partial OrderAction? Action { get; init; }

    /// <summary>The kind of the order.</summary>
    [Column("ODER_KIND", "주문종류")]
    public partial OrderKind? OrderKind { get; init; }

    /// <summary>The condition of the order.</summary>
    [Column("ODER_COND", "주문조건")]
    public partial OrderCondition? OrderCondition { get; init; }

    /// <summary>The short code of the instrument.</summary>
    [Column("STCK_SHRN_ISCD", "종목코드")]
    public partial string? Symbol { get; init; }

    /// <summary>What was filled; in a notice that is not a fill, what was ordered.</summary>
    [Column("CNTG_QTY", "체결수량", Unit = "shares", ZeroPadding = 10)]
    public partial long? FillQuantity { get; init; }

    [Column("CNTG_UNPR", "체결단가", ZeroPadding = 9)]
    public partial decimal? FillPrice { get; init; }

    [Column("STCK_CNTG_HOUR", "주식체결시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("RFUS_YN", "거부여부")]
    public partial OrderRefusal? Refusal { get; init; }

    [Column("CNTG_YN", "체결여부")]
    public partial OrderNoticeKind? Kind { get; init; }

    [Column("ACPT_YN", "접수여부")]
    public partial OrderAcceptance? Acceptance { get; init; }

    [Column("BRNC_NO", "지점번호")]
    public partial string? BranchNumber { get; init; }

    [Column("ODER_QTY", "주문수량", Unit = "shares", ZeroPadding = 9)]
    public partial long? OrderQuantity { get; init; }

    [Column("ACNT_NAME", "계좌명")]
    public partial string? AccountName { get; init; }

    /// <summary>The price of a stop order; the digits as sent.</summary>
    [Column("ORD_COND_PRC", "호가조건가격", ZeroPadding = 9)]
    public partial decimal? ConditionPrice { get; init; }

    /// <summary>The exchange that the order was sent to.</summary>
    [Column("ORD_EXG_GB", "주문거래소 구분")]
    public partial OrderExchange? OrderExchange { get; init; }

    /// <summary>Whether trading programs show this notice.</summary>
    [Column("POPUP_YN", "체결정보 표시")]
    public partial YesNo? ShowsFill { get; init; }

    /// <summary>Without meaning.</summary>
    [Column("FILLER", "필러")]
    public partial string? Filler { get; init; }

    /// <summary>The kind of credit, e.g. 10 cash.</summary>
    [Column("CRDT_CLS", "신용거래구분")]
    public partial string? CreditCode { get; init; }

    /// <summary>The date of the loan.</summary>
    [Column("CRDT_LOAN_DATE", "신용대출일자")]
    public partial DateOnly? LoanDate { get; init; }

    /// <summary>The name of the instrument, in Korean.</summary>
    [Column("CNTG_ISNM40", "체결일자")]
    public partial string? InstrumentName { get; init; }

    /// <summary>The price of the order. The digits as sent: no scale is documented.</summary>
    [Column("ODER_PRC", "주문가격", ZeroPadding = 9)]
    public partial decimal? OrderPrice { get; init; }

    /// <summary>The short name of the instrument in the layout of 23 columns, or several packed values on the mock service.</summary>
    [Column("CNTG_ISNM", "체결종목명")]
    public partial string? ShortName { get; init; }

    /// <summary>What happened to which order, without the account, so that it can be logged.</summary>
    public override string ToString() =>
        $"StockOrderNotice {{ Time = {Time}, OrderNumber = {OrderNumber}, Kind = {Kind}, Side = {Side}, Symbol = {Symbol}, FillQuantity = "
        + $"{FillQuantity}, FillPrice = {FillPrice} }}";
}

/// <summary>
/// The exchange that an order was sent to (주문거래소 구분). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OrderExchange : ulong
{
    /// <summary>1: KRX.</summary>
    [CodeName("KRX")]
    Krx = '1',

    /// <summary>2: NXT.</summary>
    [CodeName("NXT")]
    Nxt = '2',

    /// <summary>3: KRX, chosen by smart order routing.</summary>
    [CodeName("SOR-KRX")]
    SmartKrx = '3',

    /// <summary>4: NXT, chosen by smart order routing.</summary>
    [CodeName("SOR-NXT")]
    SmartNxt = '4',
}

/// <summary>The condition of an order (주문조건). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum OrderCondition : ulong
{
    /// <summary>0: none.</summary>
    [CodeName("없음")]
    None = '0',

    /// <summary>1: immediate or cancel.</summary>
    [CodeName("IOC")]
    ImmediateOrCancel = '1',

    /// <summary>2: fill or kill.</summary>
    [CodeName("FOK")]
    FillOrKill = '2',
}
