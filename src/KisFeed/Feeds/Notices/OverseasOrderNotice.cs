using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A notice about one's own order in overseas stocks (해외주식 실시간체결통보), sent encrypted, 25 columns; the published frame lacks the last. Prices
/// have an implied number of decimals that depends on the market: the digits are passed on as sent. Source: the broker's document 실시간-009.
/// </summary>
[Feed(
    "H0GSCNI0", Member = "Feed", MockTrId = "H0GSCNI9", Alias = "overseas-notice", Korean = "해외주식 실시간체결통보", Market = FeedMarket.Notices,
    Document = "실시간-009", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, IsOverseas = true,
    MockSource = "API document 2026-09-11")]
[Revision(24)]
public readonly partial record struct OverseasOrderNotice
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
    public partial OverseasOrderSide? Side { get; init; }

    [Column("RCTF_CLS", "정정구분")]
    public partial OrderAction? Action { get; init; }

    /// <summary>
    /// The kind of the order. In other notices the element tells whether an acceptance or a fill caused the notice.
    /// </summary>
    [Column("ODER_KIND2", "주문종류2")]
    public partial OverseasOrderKind? OrderType { get; init; }

    /// <summary>The short code of the instrument.</summary>
    [Column("STCK_SHRN_ISCD", "주식 단축 종목코드")]
    public partial string? Symbol { get; init; }

    /// <summary>What was filled; in a notice that is not a fill, what was ordered.</summary>
    [Column("CNTG_QTY", "체결수량", Unit = "shares", ZeroPadding = 10)]
    public partial long? FillQuantity { get; init; }

    [Column("CNTG_UNPR", "체결단가12", ZeroPadding = 9)]
    public partial decimal? FillPrice { get; init; }

    [Column("STCK_CNTG_HOUR", "주식 체결 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    [Column("RFUS_YN", "거부여부")]
    public partial OrderRefusal? Refusal { get; init; }

    [Column("CNTG_YN", "체결여부")]
    public partial OrderNoticeKind? Kind { get; init; }

    [Column("ACPT_YN", "접수여부")]
    public partial OrderAcceptance? Acceptance { get; init; }

    [Column("BRNC_NO", "지점번호")]
    public partial string? BranchNumber { get; init; }

    [Column("ODER_QTY", "주문 수량", Unit = "shares", ZeroPadding = 9)]
    public partial long? OrderQuantity { get; init; }

    [Column("ACNT_NAME", "계좌명")]
    public partial string? AccountName { get; init; }

    /// <summary>The name of the instrument, in Korean, padded inside.</summary>
    [Column("CNTG_ISNM", "체결종목명")]
    public partial string? InstrumentName { get; init; }

    /// <summary>The market of the instrument (해외종목구분).</summary>
    [Column("ODER_COND", "해외종목구분")]
    public partial OverseasMarket? MarketCode { get; init; }

    /// <summary>The kind of collateral.</summary>
    [Column("DEBT_GB", "담보유형코드")]
    public partial OverseasCollateral? CollateralCode { get; init; }

    /// <summary>The date of the loan.</summary>
    [Column("DEBT_DATE", "담보대출일자")]
    public partial DateOnly? LoanDate { get; init; }

    /// <summary>When a split order starts.</summary>
    [Column("START_TM", "분할매수/매도 시작시간")]
    public partial string? SplitStart { get; init; }

    /// <summary>When a split order ends.</summary>
    [Column("END_TM", "분할매수/매도 종료시간")]
    public partial string? SplitEnd { get; init; }

    /// <summary>How a split order is divided by time.</summary>
    [Column("TM_DIV_TP", "시간분할타입유형")]
    public partial OrderSplit? SplitKind { get; init; }

    /// <summary>The price of the fill with 12 digits, as sent.</summary>
    [Column("CNTG_UNPR12", "", ZeroPadding = 12)]
    public partial decimal? FillPrice12 { get; init; }

    /// <summary>What happened to which order, without the account, so that it can be logged.</summary>
    public override string ToString() =>
        $"OverseasOrderNotice {{ Time = {Time}, OrderNumber = {OrderNumber}, Kind = {Kind}, Side = {Side}, Symbol = {Symbol}, FillQuantity "
        + $"= {FillQuantity}, FillPrice = {FillPrice} }}";
}

/// <summary>
/// The side of an order for overseas stocks (매도매수구분); 01 and 02 are those of <see cref="OrderSide"/>. Values are the characters of the
/// broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasOrderSide : ulong
{
    /// <summary>01: sell.</summary>
    [CodeName("매도")]
    Sell = ('0' << 8) | '1',

    /// <summary>02: buy.</summary>
    [CodeName("매수")]
    Buy = ('0' << 8) | '2',

    /// <summary>03: sell what was bought (전매), which closes a position.</summary>
    [CodeName("전매도")]
    SellToClose = ('0' << 8) | '3',

    /// <summary>04: buy back what was sold (환매), which closes a position.</summary>
    [CodeName("환매수")]
    BuyToClose = ('0' << 8) | '4',
}
