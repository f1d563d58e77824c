namespace KisFeed.Feeds;

/// <summary>Which side an order is on (매도매수구분). Values are the characters of the broker's codes; codes that are not listed are kept.</summary>
public enum OrderSide : ulong
{
    /// <summary>01: sell (매도).</summary>
    Sell = ('0' << 8) | '1',

    /// <summary>02: buy (매수).</summary>
    Buy = ('0' << 8) | '2',
}
