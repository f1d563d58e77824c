namespace KisFeed.Feeds;

/// <summary>
/// Whether a notice tells of an order or of a fill (체결여부). In a fill, the fill quantity and price are those of the fill; in any other
/// notice the same columns carry the order's. Values are the characters of the broker's codes; codes that are not listed are kept.
/// </summary>
public enum OrderNoticeKind : ulong
{
    /// <summary>1: an order, amendment, cancellation or refusal (주문·정정·취소·거부 통보).</summary>
    Order = '1',

    /// <summary>2: a fill (체결).</summary>
    Fill = '2',
}
