namespace KisFeed.Simulator.Market;

/// <summary>What the key of a feed names.</summary>
internal enum FeedSubject
{
    /// <summary>Nothing: the market does not tell of this feed.</summary>
    None,

    /// <summary>An index, by its sector code.</summary>
    Index,

    /// <summary>A bond, by its standard code.</summary>
    Bond,

    /// <summary>A stock, by its short code.</summary>
    Stock,

    /// <summary>A futures account, by its owner's HTS ID.</summary>
    Account,
}
