using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A notice about one's own order in futures or options (선물옵션 실시간체결통보), 22 columns, sent encrypted; 19 in the night session. A layout of 23
/// columns was reported; it is not known which column was added, or where. It is read as the 22 known columns and one without a name.
/// Source: the broker's documents 실시간-012, 실시간-066 and 실시간-067.
/// </summary>
[Feed(
    "H0IFCNI0", MockTrId = "H0IFCNI9", Alias = "notice", Market = FeedMarket.Notices, Korean = "선물옵션 실시간체결통보", Document = "실시간-012",
    KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, MockSource = "API document 2026-09-11")]
[Feed(
    "H0MFCNI0", Member = "NightFutures", Alias = "night-futures-notice", Korean = "KRX야간선물 실시간체결통보", Market = FeedMarket.Notices,
    Document = "실시간-066", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, ElementCase = ElementCase.Lower,
    MockSource = "API document 2026-09-11")]
[Feed(
    "H0EUCNI0", Member = "NightOptions", Alias = "night-options-notice", Korean = "KRX야간옵션실시간체결통보", Market = FeedMarket.Notices,
    Document = "실시간-067", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, ElementCase = ElementCase.Lower,
    MockSource = "API document 2026-09-11")]
[Revision(19, TrId = "H0MFCNI0")]
[Revision(19, TrId = "H0EUCNI0")]
public readonly partial record struct OrderNotice
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

    [Column("RCTF_CLS", "정정구분")]
    public partial OrderAction? Action { get; init; }

    /// <summary>Whether an acceptance or a fill caused this notice.</summary>
    [Column("ODER_KIND2", "주문종류2")]
    public partial OrderNoticeSource? Source { get; init; }

    /// <summary>The short code of the instrument.</summary>
    [Column("STCK_SHRN_ISCD", "주식 단축 종목코드")]
    public partial string? Symbol { get; init; }

    /// <summary>Contracts filled; in a notice that is not a fill, contracts ordered.</summary>
    [Column("CNTG_QTY", "체결 수량", Unit = "contracts", ZeroPadding = 10)]
    public partial long? FillQuantity { get; init; }

    [Column("CNTG_UNPR", "체결단가", ZeroPadding = 9)]
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

    /// <summary>Contracts ordered; zero in the published fill.</summary>
    [Column("ODER_QTY", "주문수량", Unit = "contracts", ZeroPadding = 9)]
    public partial long? OrderQuantity { get; init; }

    [Column("ACNT_NAME", "계좌명")]
    public partial string? AccountName { get; init; }

    /// <summary>The name of the instrument, in Korean, padded inside.</summary>
    [Column("CNTG_ISNM", "체결종목명")]
    public partial string? InstrumentName { get; init; }

    /// <summary>The condition of the order; its codes are not documented.</summary>
    [Column("ODER_COND", "주문조건")]
    public partial string? OrderCondition { get; init; }

    /// <summary>The ID of the order group.</summary>
    [Column("ORD_GRP", "주문그룹ID")]
    public partial string? OrderGroupId { get; init; }

    /// <summary>The order's number within its group.</summary>
    [Column("ORD_GRPSEQ", "주문그룹SEQ")]
    public partial string? OrderGroupSequence { get; init; }

    /// <summary>The price of the order. The digits as sent: no scale is documented.</summary>
    [Column("ORDER_PRC", "주문가격", ZeroPadding = 9)]
    public partial decimal? OrderPrice { get; init; }

    /// <summary>What happened to which order, without the account, so that it can be logged.</summary>
    public override string ToString() =>
        $"OrderNotice {{ Time = {Time}, OrderNumber = {OrderNumber}, Kind = {Kind}, Side = {Side}, Symbol = {Symbol}, FillQuantity = "
        + $"{FillQuantity}, FillPrice = {FillPrice} }}";
}

/// <summary>What caused a notice (주문종류2). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum OrderNoticeSource : ulong
{
    /// <summary>L: the acceptance of an order.</summary>
    [CodeName("주문접수통보")]
    Acceptance = 'L',

    /// <summary>0: a fill.</summary>
    [CodeName("체결통보")]
    Fill = '0',
}

/// <summary>
/// Whether a notice is about an order or a fill (체결여부). In a fill, the fill quantity and price are those of the fill; in any other notice
/// the same columns contain the order's. Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OrderNoticeKind : ulong
{
    /// <summary>1: an order, amendment, cancellation or refusal.</summary>
    [CodeName("주문·정정·취소·거부 통보")]
    Order = '1',

    /// <summary>2: a fill.</summary>
    [CodeName("체결")]
    Fill = '2',
}

/// <summary>
/// Whether an order is new, an amendment or a cancellation (정정구분). The document of this feed lists no codes; these are the ones that the
/// samples show and other notices of the broker use. Values are the characters of the codes; unlisted codes are preserved.
/// </summary>
public enum OrderAction : ulong
{
    /// <summary>0: a new order.</summary>
    [CodeName("정상")]
    New = '0',

    /// <summary>1: an amendment.</summary>
    [CodeName("정정")]
    Amend = '1',

    /// <summary>2: a cancellation.</summary>
    [CodeName("취소")]
    Cancel = '2',
}

/// <summary>The side of an order (매도매수구분). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum OrderSide : ulong
{
    /// <summary>01: sell.</summary>
    [CodeName("매도")]
    Sell = ('0' << 8) | '1',

    /// <summary>02: buy.</summary>
    [CodeName("매수")]
    Buy = ('0' << 8) | '2',
}

/// <summary>
/// The state of an order at the exchange (접수여부). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OrderAcceptance : ulong
{
    /// <summary>1: accepted.</summary>
    [CodeName("주문접수")]
    Accepted = '1',

    /// <summary>2: confirmed.</summary>
    [CodeName("확인")]
    Confirmed = '2',

    /// <summary>3: cancelled.</summary>
    [CodeName("취소")]
    Cancelled = '3',
}

/// <summary>
/// Whether an order was refused (거부여부). The document lists no codes; the samples show 0 for an order that was not refused. Values are the
/// characters of the codes; unlisted codes are preserved.
/// </summary>
public enum OrderRefusal : ulong
{
    /// <summary>0: not refused.</summary>
    [CodeName("정상")]
    None = '0',

    /// <summary>1: refused.</summary>
    [CodeName("거부")]
    Refused = '1',
}
