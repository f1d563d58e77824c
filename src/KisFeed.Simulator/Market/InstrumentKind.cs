namespace KisFeed.Simulator.Market;

/// <summary>What kind of instrument is listed.</summary>
public enum InstrumentKind
{
    /// <summary>A stock index, told of in <c>H0UPCNT0</c>.</summary>
    Index,

    /// <summary>A bond, told of in <c>H0BJCNT0</c>.</summary>
    Bond,

    /// <summary>A stock, whose program trading is told of in <c>H0STPGM0</c>, <c>H0NXPGM0</c> and <c>H0UNPGM0</c>.</summary>
    Stock,

    /// <summary>A KOSPI 200 futures contract, which the accounts of <c>H0IFCNI0</c> and <c>H0IFCNI9</c> trade.</summary>
    Future,
}
