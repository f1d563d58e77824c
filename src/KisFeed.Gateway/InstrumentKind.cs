namespace KisFeed.Gateway;

/// <summary>The kind of an <see cref="Instrument"/>, which determines the feeds that have it.</summary>
public enum InstrumentKind
{
    /// <summary>An index; its code is a sector code (업종구분코드), such as 0001.</summary>
    Index,

    /// <summary>A stock, or what is traded as one; its code is a short one (단축코드), such as 005930.</summary>
    Stock,

    /// <summary>A bond; its code is a standard one (표준종목코드), such as KR103502GA34.</summary>
    Bond,

    /// <summary>An index future or a spread of two; its code is a short one (단축코드), such as A01612.</summary>
    Future,

    /// <summary>An index option; its code is a short one (단축코드), such as B01612850.</summary>
    Option,

    /// <summary>A stock future or a spread of two; its code is a short one (단축코드), such as A11612.</summary>
    StockFuture,

    /// <summary>A stock option; its code is a short one (단축코드), such as B11612070.</summary>
    StockOption,

    /// <summary>A future on bonds, currencies or commodities, or a spread of two; its code is a short one (단축코드), such as A75612.</summary>
    CommodityFuture,

    /// <summary>A future in the night session; its code is that of the day session.</summary>
    NightFuture,

    /// <summary>An option in the night session; its code is that of the day session.</summary>
    NightOption,

    /// <summary>An equity-linked warrant (ELW); its code is a short one (단축코드), such as 57JN53.</summary>
    Elw,

    /// <summary>A stock of an exchange abroad; its code is D, the exchange and the symbol, such as DNASAAPL.</summary>
    OverseasStock,

    /// <summary>A future of an exchange abroad; its code is such as ESZ26.</summary>
    OverseasFuture,

    /// <summary>An option of an exchange abroad; its code is the broker's (종목코드).</summary>
    OverseasOption,
}
