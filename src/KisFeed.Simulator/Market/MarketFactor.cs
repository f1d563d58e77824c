namespace KisFeed.Simulator.Market;

/// <summary>What many instruments have in common, so that they move together: a path of market time that each adds to its own.</summary>
/// <param name="seed">Where the path comes from.</param>
/// <param name="volatility">Its standard deviation over a day, in the unit of what it moves.</param>
internal sealed class MarketFactor(ulong seed, double volatility)
{
    private readonly NoisePath _path = new(seed);

    /// <summary>How far it stands from where it was at the previous close.</summary>
    public double At(in MarketMoment moment) => volatility * _path.At(moment);
}
