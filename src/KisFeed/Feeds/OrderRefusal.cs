namespace KisFeed.Feeds;

/// <summary>
/// Whether an order was refused (거부여부). The document lists no codes; the samples show 0 for an order that was not refused.
/// Values are the characters of the codes; codes that are not listed are kept.
/// </summary>
public enum OrderRefusal : ulong
{
    /// <summary>0: not refused.</summary>
    None = '0',

    /// <summary>1: refused.</summary>
    Refused = '1',
}
