using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>A price level of an order book. What a feed does not have is <see langword="null"/>.</summary>
[ColumnGroup]
public readonly partial record struct BookLevel
{
    /// <summary>The price; zero if there is no order at this level.</summary>
    public decimal? Price { get; init; }

    /// <summary>The quantity of the orders at this price.</summary>
    public long? Quantity { get; init; }

    /// <summary>The number of the orders at this price.</summary>
    public long? Orders { get; init; }

    /// <summary>The yield at this price, in percent.</summary>
    public decimal? Yield { get; init; }

    /// <summary>The change of the quantity since the previous update.</summary>
    public long? QuantityChange { get; init; }

    /// <summary>The part of the quantity that the liquidity provider quotes.</summary>
    public long? LpQuantity { get; init; }

    /// <summary>The lowest offer minus the highest bid; <see langword="null"/> if either is missing.</summary>
    internal static decimal? SpreadBetween(Repeated<BookLevel> asks, Repeated<BookLevel> bids) =>
        asks[0].Price is { } ask and not 0 && bids[0].Price is { } bid and not 0 ? ask - bid : null;
}
