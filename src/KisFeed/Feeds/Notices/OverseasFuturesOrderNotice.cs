using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A notice about one's own order in overseas futures or options (해외선물옵션 실시간주문내역통보), sent encrypted, 33 columns.
/// Source: the broker's document 실시간-019.
/// </summary>
[Feed(
    "HDFFF1C0", Member = "Feed", Alias = "overseas-futures-notice", Korean = "해외선물옵션 실시간주문내역통보", Market = FeedMarket.Notices,
    Document = "실시간-019", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, IsOverseas = true,
    MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasFuturesOrderNotice
{
    [Column("user_id", "유저ID", IsKey = true)]
    public partial string CustomerId { get; init; }

    [Column("acct_no", "계좌번호")]
    public partial string? AccountNumber { get; init; }

    /// <summary>The date of the order.</summary>
    [Column("ord_dt", "주문일자")]
    public partial DateOnly? OrderDate { get; init; }

    [Column("odno", "주문번호")]
    public partial string? OrderNumber { get; init; }

    /// <summary>The date of the order that this one amends or cancels.</summary>
    [Column("orgn_ord_dt", "원주문일자")]
    public partial DateOnly? OriginalOrderDate { get; init; }

    [Column("orgn_odno", "원주문번호")]
    public partial string? OriginalOrderNumber { get; init; }

    /// <summary>The code of the contract.</summary>
    [Column("series", "종목명")]
    public partial string? Symbol { get; init; }

    /// <summary>New, amendment or cancellation.</summary>
    [Column("rvse_cncl_dvsn_cd", "정정취소구분코드")]
    public partial OverseasFuturesAction? ActionCode { get; init; }

    /// <summary>Sell or buy.</summary>
    [Column("sll_buy_dvsn_cd", "매도매수구분코드")]
    public partial OrderSide? Side { get; init; }

    /// <summary>The kind of complex order.</summary>
    [Column("cplx_ord_dvsn_cd", "복합주문구분코드")]
    public partial string? ComplexOrderCode { get; init; }

    /// <summary>The kind of price.</summary>
    [Column("prce_tp", "가격구분코드")]
    public partial OverseasFuturesPriceKind? PriceKind { get; init; }

    /// <summary>Whether the exchange has received the order.</summary>
    [Column("fm_excg_rcit_dvsn_cd", "FM거래소접수구분코드")]
    public partial OverseasFuturesReceipt? ExchangeReceipt { get; init; }

    [Column("ord_qty", "주문수량", Unit = "contracts")]
    public partial long? OrderQuantity { get; init; }

    /// <summary>The limit price.</summary>
    [Column("fm_lmt_pric", "FMLIMIT가격")]
    public partial decimal? LimitPrice { get; init; }

    /// <summary>The stop price.</summary>
    [Column("fm_stop_ord_pric", "FMSTOP주문가격")]
    public partial decimal? StopPrice { get; init; }

    /// <summary>What has been filled so far.</summary>
    [Column("tot_ccld_qty", "총체결수량", Unit = "contracts")]
    public partial long? TotalFillQuantity { get; init; }

    /// <summary>The average price of what has been filled so far.</summary>
    [Column("tot_ccld_uv", "총체결단가")]
    public partial decimal? TotalFillPrice { get; init; }

    /// <summary>What is not filled yet.</summary>
    [Column("ord_remq", "잔량", Unit = "contracts")]
    public partial long? RemainingQuantity { get; init; }

    /// <summary>The date of the order group.</summary>
    [Column("fm_ord_grp_dt", "FM주문그룹일자")]
    public partial DateOnly? OrderGroupDate { get; init; }

    /// <summary>The number of the order group.</summary>
    [Column("ord_grp_stno", "주문그룹번호")]
    public partial string? OrderGroupNumber { get; init; }

    /// <summary>When the order was placed, date and time as sent.</summary>
    [Column("ord_dtl_dtime", "주문상세일시")]
    public partial string? OrderedAt { get; init; }

    /// <summary>When the order was handled, date and time as sent.</summary>
    [Column("oprt_dtl_dtime", "조작상세일시")]
    public partial string? OperatedAt { get; init; }

    /// <summary>Who placed the order.</summary>
    [Column("work_empl", "주문자")]
    public partial string? OrderedBy { get; init; }

    /// <summary>The currency, e.g. USD.</summary>
    [Column("crcy_cd", "통화코드")]
    public partial string? Currency { get; init; }

    /// <summary>Whether the order closes a position.</summary>
    [Column("lqd_yn", "청산여부(Y/N)")]
    public partial YesNo? IsLiquidation { get; init; }

    /// <summary>The limit price of the liquidation.</summary>
    [Column("lqd_lmt_pric", "청산LIMIT가격")]
    public partial decimal? LiquidationLimitPrice { get; init; }

    /// <summary>The stop price of the liquidation.</summary>
    [Column("lqd_stop_pric", "청산STOP가격")]
    public partial decimal? LiquidationStopPrice { get; init; }

    /// <summary>The condition of the order.</summary>
    [Column("trd_cond", "체결조건코드")]
    public partial string? FillCondition { get; init; }

    /// <summary>Until when the order is valid, date and time as sent.</summary>
    [Column("term_ord_vald_dtime", "기간주문유효상세일시")]
    public partial string? ValidUntil { get; init; }

    /// <summary>How positions of the account are closed.</summary>
    [Column("spec_tp", "계좌청산유형구분코드")]
    public partial string? SettlementKind { get; init; }

    /// <summary>Whether the order reserves an exercise.</summary>
    [Column("ecis_rsvn_ord_yn", "행사예약주문여부")]
    public partial YesNo? IsExerciseReservation { get; init; }

    /// <summary>Futures or option.</summary>
    [Column("fuop_item_dvsn_cd", "선물옵션종목구분코드")]
    public partial string? ContractKind { get; init; }

    /// <summary>The strategy of an automatic order.</summary>
    [Column("auto_ord_dvsn_cd", "자동주문 전략구분")]
    public partial string? StrategyCode { get; init; }

    /// <summary>What happened to which order, without the account, so that it can be logged.</summary>
    public override string ToString() =>
        $"OverseasFuturesOrderNotice {{ OrderNumber = {OrderNumber}, Side = {Side}, Symbol = {Symbol}, OrderQuantity = {OrderQuantity} }}";
}

/// <summary>
/// What an order of overseas futures does (정정취소구분코드). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasFuturesAction : ulong
{
    /// <summary>00: a new order.</summary>
    [CodeName("해당없음")]
    New = ('0' << 8) | '0',

    /// <summary>01: an amendment.</summary>
    [CodeName("정정")]
    Amend = ('0' << 8) | '1',

    /// <summary>02: a cancellation.</summary>
    [CodeName("취소")]
    Cancel = ('0' << 8) | '2',
}

/// <summary>The kind of an order's price (가격구분코드). Values are the characters of the broker's codes; unlisted codes are preserved.</summary>
public enum OverseasFuturesPriceKind : ulong
{
    /// <summary>1: limit.</summary>
    [CodeName("지정가")]
    Limit = '1',

    /// <summary>2: market.</summary>
    [CodeName("시장가")]
    Market = '2',

    /// <summary>3: stop.</summary>
    [CodeName("STOP")]
    Stop = '3',

    /// <summary>4: stop limit.</summary>
    [CodeName("STOP 지정가")]
    StopLimit = '4',
}

/// <summary>
/// Whether the exchange has received an order (FM거래소접수구분코드). Values are the characters of the broker's codes; unlisted codes are preserved.
/// </summary>
public enum OverseasFuturesReceipt : ulong
{
    /// <summary>01: not yet.</summary>
    [CodeName("접수전")]
    Pending = ('0' << 8) | '1',

    /// <summary>02: received.</summary>
    [CodeName("응답")]
    Received = ('0' << 8) | '2',

    /// <summary>03: refused.</summary>
    [CodeName("거부")]
    Refused = ('0' << 8) | '3',
}
