namespace KisFeed.Gateway;

/// <summary>What an <see cref="Instrument"/> is, which says by which feeds there are data of it.</summary>
public enum InstrumentKind
{
    /// <summary>An index; its code is a sector code (업종구분코드), such as 0001.</summary>
    Index,

    /// <summary>A stock, or what is traded as one; its code is a short one (단축코드), such as 005930.</summary>
    Stock,

    /// <summary>A bond; its code is a standard one (표준종목코드), such as KR103502GA34.</summary>
    Bond,

    /// <summary>A future or an option.</summary>
    Future,
}
