using KisFeed.Feeds;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>Something that is traded or reckoned, with its names: so that people can find keys by them.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code, which is the key of the feeds that have it.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="EnglishName">Its English name; <see langword="null"/> where none is known.</param>
public sealed record Instrument(InstrumentKind Kind, string Code, string Name, string? EnglishName = null)
{
    /// <summary>Whether its code has the form of the keys that instruments of its kind have. Of futures it is not known: no feed has them as keys.</summary>
    internal bool HasKey => Kind switch
    {
        InstrumentKind.Index => KeyFormat.Fits(IndexTrade.Feed.TrId, Code),
        InstrumentKind.Stock => KeyFormat.Fits(ProgramTrade.Consolidated.TrId, Code),
        InstrumentKind.Bond => KeyFormat.Fits(BondTrade.Feed.TrId, Code),
        _ => true,
    };
}

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
