namespace KisFeed.Feeds;

/// <summary>
/// Whether an order is new, amends or cancels (정정구분). The document of this feed lists no codes; these are the ones the samples show
/// and other notices of the broker use. Values are the characters of the codes; codes that are not listed are kept.
/// </summary>
public enum OrderAction : ulong
{
    /// <summary>0: a new order (정상).</summary>
    New = '0',

    /// <summary>1: an amendment (정정).</summary>
    Amend = '1',

    /// <summary>2: a cancellation (취소).</summary>
    Cancel = '2',
}
