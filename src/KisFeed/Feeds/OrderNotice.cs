using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// What became of an order of one's own in futures or options (선물옵션 실시간체결통보), 22 columns, sent encrypted. A layout of 23 columns is
/// reported; which column came and where is not known, so there the last is extra until a layout file names it.
/// Source: the broker's document 실시간-012.
/// </summary>
[Feed("H0IFCNI0", MockTrId = "H0IFCNI9", Alias = "notice", Korean = "선물옵션 실시간체결통보", Document = "실시간-012", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true)]
public readonly partial record struct OrderNotice
{
    /// <summary>The customer's id: the HTS ID.</summary>
    [Column("CUST_ID", "고객 ID", IsKey = true)]
    public partial string CustomerId { get; init; }

    /// <summary>The account number.</summary>
    [Column("ACNT_NO", "계좌번호")]
    public partial string? AccountNumber { get; init; }

    /// <summary>The number of the order.</summary>
    [Column("ODER_NO", "주문번호")]
    public partial string? OrderNumber { get; init; }

    /// <summary>The number of the order that this one amends or cancels.</summary>
    [Column("OODER_NO", "원주문번호")]
    public partial string? OriginalOrderNumber { get; init; }

    /// <summary>Sell or buy.</summary>
    [Column("SELN_BYOV_CLS", "매도매수구분")]
    public partial OrderSide? Side { get; init; }

    /// <summary>New, amendment or cancellation.</summary>
    [Column("RCTF_CLS", "정정구분")]
    public partial OrderAction? Action { get; init; }

    /// <summary>Whether an acceptance or a fill brought this notice about.</summary>
    [Column("ODER_KIND2", "주문종류2")]
    public partial OrderNoticeSource? Source { get; init; }

    /// <summary>The short code of the instrument.</summary>
    [Column("STCK_SHRN_ISCD", "주식 단축 종목코드")]
    public partial string? Symbol { get; init; }

    /// <summary>Contracts filled; in a notice that is not a fill, contracts ordered.</summary>
    [Column("CNTG_QTY", "체결 수량", Unit = "contracts", ZeroPadding = 10)]
    public partial long? FillQuantity { get; init; }

    /// <summary>The price of the fill; in a notice that is not a fill, of the order. The digits as sent: no scale is documented.</summary>
    [Column("CNTG_UNPR", "체결단가", ZeroPadding = 9)]
    public partial decimal? FillPrice { get; init; }

    /// <summary>The time of the event, Korea time.</summary>
    [Column("STCK_CNTG_HOUR", "주식 체결 시간", Role = ColumnRole.Time)]
    public partial TimeOnly? Time { get; init; }

    /// <summary>Whether the order was refused.</summary>
    [Column("RFUS_YN", "거부여부")]
    public partial OrderRefusal? Refusal { get; init; }

    /// <summary>Whether this tells of an order or of a fill.</summary>
    [Column("CNTG_YN", "체결여부")]
    public partial OrderNoticeKind? Kind { get; init; }

    /// <summary>How far the exchange has taken the order.</summary>
    [Column("ACPT_YN", "접수여부")]
    public partial OrderAcceptance? Acceptance { get; init; }

    /// <summary>The number of the branch.</summary>
    [Column("BRNC_NO", "지점번호")]
    public partial string? BranchNumber { get; init; }

    /// <summary>Contracts ordered; zero in the published fill.</summary>
    [Column("ODER_QTY", "주문수량", Unit = "contracts", ZeroPadding = 9)]
    public partial long? OrderQuantity { get; init; }

    /// <summary>The name of the account.</summary>
    [Column("ACNT_NAME", "계좌명")]
    public partial string? AccountName { get; init; }

    /// <summary>The name of the instrument, in Korean, padded inside.</summary>
    [Column("CNTG_ISNM", "체결종목명")]
    public partial string? InstrumentName { get; init; }

    /// <summary>The condition of the order; its codes are not documented.</summary>
    [Column("ODER_COND", "주문조건")]
    public partial string? OrderCondition { get; init; }

    /// <summary>The id of the order group.</summary>
    [Column("ORD_GRP", "주문그룹ID")]
    public partial string? OrderGroupId { get; init; }

    /// <summary>The order's number within its group.</summary>
    [Column("ORD_GRPSEQ", "주문그룹SEQ")]
    public partial string? OrderGroupSequence { get; init; }

    /// <summary>The price of the order. The digits as sent: no scale is documented.</summary>
    [Column("ORDER_PRC", "주문가격", ZeroPadding = 9)]
    public partial decimal? OrderPrice { get; init; }

    /// <summary>What happened to which order, without the account, so that it may stand in a log.</summary>
    public override string ToString() =>
        $"OrderNotice {{ Time = {Time}, OrderNumber = {OrderNumber}, Kind = {Kind}, Side = {Side}, Symbol = {Symbol}, FillQuantity = {FillQuantity}, FillPrice = {FillPrice} }}";
}
