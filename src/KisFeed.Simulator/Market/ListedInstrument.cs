namespace KisFeed.Simulator.Market;

/// <summary>A listed instrument. Unlisted instruments can be requested too; they are generated from the seed.</summary>
/// <param name="Code">Its code: the <c>tr_key</c> of its feeds, except for a future, which has no feed of its own.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="Kind">Its kind.</param>
public sealed record ListedInstrument(string Code, string Name, ListedInstrumentKind Kind);

/// <summary>The kind of an instrument.</summary>
public enum ListedInstrumentKind
{
    /// <summary>A stock index, published in <c>H0UPCNT0</c>.</summary>
    Index,

    /// <summary>A bond, published in <c>H0BJCNT0</c>.</summary>
    Bond,

    /// <summary>A stock, whose program trading is published in <c>H0STPGM0</c>, <c>H0NXPGM0</c> and <c>H0UNPGM0</c>.</summary>
    Stock,

    /// <summary>A KOSPI 200 futures contract, traded by the accounts of <c>H0IFCNI0</c> and <c>H0IFCNI9</c>.</summary>
    Future,
}
