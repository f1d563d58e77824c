using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A notice about a fill of one's own order in overseas futures or options (해외선물옵션 실시간체결내역통보), sent encrypted, 33 columns.
/// Source: the broker's document 실시간-020.
/// </summary>
[Feed(
    "HDFFF2C0", Member = "Feed", Alias = "overseas-futures-fill", Korean = "해외선물옵션 실시간체결내역통보", Market = FeedMarket.Notices,
    Document = "실시간-020", KeyMeaning = "HTS ID, case-sensitive", KeyExample = "MYHTSID", IsNotice = true, IsOverseas = true,
    MockSource = "API document 2026-09-11")]
public readonly partial record struct OverseasFuturesFillNotice
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

    /// <summary>The date of the fill.</summary>
    [Column("ccld_dt", "체결일자")]
    public partial DateOnly? FillDate { get; init; }

    /// <summary>The number of the fill.</summary>
    [Column("ccno", "체결번호")]
    public partial string? FillNumber { get; init; }

    /// <summary>The number of the fill in the API.</summary>
    [Column("api_ccno", "API 체결번호")]
    public partial string? ApiFillNumber { get; init; }

    /// <summary>What was filled.</summary>
    [Column("ccld_qty", "체결수량", Unit = "contracts")]
    public partial long? FillQuantity { get; init; }

    /// <summary>The price of the fill.</summary>
    [Column("fm_ccld_pric", "FM체결가격")]
    public partial decimal? FillPrice { get; init; }

    /// <summary>The currency, e.g. USD.</summary>
    [Column("crcy_cd", "통화코드")]
    public partial string? Currency { get; init; }

    /// <summary>The broker's fee.</summary>
    [Column("trst_fee", "위탁수수료")]
    public partial decimal? Fee { get; init; }

    /// <summary>Whether the order was placed online.</summary>
    [Column("ord_mdia_online_yn", "주문매체온라인여부")]
    public partial YesNo? IsOnline { get; init; }

    /// <summary>The value of the fill.</summary>
    [Column("fm_ccld_amt", "FM체결금액")]
    public partial decimal? FillValue { get; init; }

    /// <summary>Futures or option.</summary>
    [Column("fuop_item_dvsn_cd", "선물옵션종목구분코드")]
    public partial string? ContractKind { get; init; }

    /// <summary>What happened to which order, without the account, so that it can be logged.</summary>
    public override string ToString() =>
        $"OverseasFuturesFillNotice {{ OrderNumber = {OrderNumber}, Side = {Side}, Symbol = {Symbol}, OrderQuantity = {OrderQuantity} }}";
}
