using KisFeed.Server;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator.Server;

/// <summary>A stream of the market and the registrations that get it.</summary>
internal sealed class MarketTopic(MarketStream stream)
{
    public MarketStream Stream { get; } = stream;

    public List<Registration> Registrations { get; } = [];
}
