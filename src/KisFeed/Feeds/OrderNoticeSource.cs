namespace KisFeed.Feeds;

/// <summary>What brought a notice about (주문종류2). Values are the characters of the broker's codes; codes that are not listed are kept.</summary>
public enum OrderNoticeSource : ulong
{
    /// <summary>L: the acceptance of an order (주문접수통보).</summary>
    Acceptance = 'L',

    /// <summary>0: a fill (체결통보).</summary>
    Fill = '0',
}
