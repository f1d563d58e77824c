using KisFeed.Feeds;

namespace KisFeed.Simulator.Market;

/// <summary>An order that has been sent to the exchange.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Side">Sell or buy.</param>
/// <param name="Contract">What it is for.</param>
/// <param name="Quantity">Contracts ordered.</param>
/// <param name="Price">Its limit, in hundredths of a point.</param>
internal sealed record WorkingOrder(string Number, OrderSide Side, FuturesContract Contract, int Quantity, long Price)
{
    /// <summary>Contracts not yet filled.</summary>
    public int Remaining { get; private set; } = Quantity;

    /// <summary>Takes a fill.</summary>
    public void Fill(int quantity) => Remaining -= quantity;
}
