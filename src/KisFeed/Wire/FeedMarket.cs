namespace KisFeed.Wire;

/// <summary>The markets by which feeds are listed.</summary>
public enum FeedMarket
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Domestic stocks (국내주식).</summary>
    Stocks,

    /// <summary>Domestic indices (국내지수).</summary>
    Indices,

    /// <summary>Equity-linked warrants (ELW).</summary>
    Elw,

    /// <summary>Exchange-traded funds (ETF).</summary>
    Etf,

    /// <summary>Bonds (장내채권).</summary>
    Bonds,

    /// <summary>Index, stock and commodity futures (선물).</summary>
    Futures,

    /// <summary>Index and stock options (옵션).</summary>
    Options,

    /// <summary>The night session of futures and options (KRX 야간선물옵션).</summary>
    NightSession,

    /// <summary>Overseas stocks, futures and options (해외주식, 해외선물옵션).</summary>
    Overseas,

    /// <summary>Notices of one's own orders (체결통보).</summary>
    Notices,
}
