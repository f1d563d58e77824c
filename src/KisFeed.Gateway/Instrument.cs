using KisFeed.Feeds;
using KisFeed.Server.Protocol;

namespace KisFeed.Gateway;

/// <summary>An instrument or index with its names, by which people can find keys.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Code">Its code, which is its key in feeds.</param>
/// <param name="Name">Its Korean name.</param>
/// <param name="EnglishName">Its English name; <see langword="null"/> if unknown.</param>
public sealed record Instrument(InstrumentKind Kind, string Code, string Name, string? EnglishName = null)
{
    /// <summary>Whether its code has the format of keys of its kind. Unknown for futures, which no feed has as keys.</summary>
    internal bool HasKey => Kind switch
    {
        InstrumentKind.Index => KeyFormat.Fits(IndexTrade.Feed.TrId, Code),
        InstrumentKind.Stock => KeyFormat.Fits(ProgramTrade.Consolidated.TrId, Code),
        InstrumentKind.Bond => KeyFormat.Fits(BondTrade.Feed.TrId, Code),
        _ => true,
    };
}

/// <summary>The kind of an <see cref="Instrument"/>, which determines the feeds that have it.</summary>
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
