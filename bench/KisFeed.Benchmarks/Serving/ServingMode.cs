namespace KisFeed.Benchmarks.Serving;

/// <summary>What the server of prepared frames sends.</summary>
internal enum ServingMode
{
    /// <summary>Index trades, in pieces of 64 KB, as fast as they are taken.</summary>
    Index,

    /// <summary>A mix of feeds, in pieces of 64 KB, as fast as they are taken.</summary>
    Mix,

    /// <summary>5,000 index trades a second, each on its own, with the moment at which it is sent.</summary>
    Paced,

    /// <summary>100,000 different index trades a second, in a piece every millisecond or so.</summary>
    PacedPieces,
}
