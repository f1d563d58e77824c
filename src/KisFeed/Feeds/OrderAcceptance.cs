namespace KisFeed.Feeds;

/// <summary>How far the exchange has taken an order (접수여부). Values are the characters of the broker's codes; codes that are not listed are kept.</summary>
public enum OrderAcceptance : ulong
{
    /// <summary>1: accepted (주문접수).</summary>
    Accepted = '1',

    /// <summary>2: confirmed (확인).</summary>
    Confirmed = '2',

    /// <summary>3: cancelled (취소).</summary>
    Cancelled = '3',
}
