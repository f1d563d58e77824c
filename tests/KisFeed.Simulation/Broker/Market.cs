using KisFeed.Simulation.Plans;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>What there is to tell: records of each topic, numbered from 1 without a gap.</summary>
internal sealed class Market
{
    private readonly Dictionary<Topic, long> _numbers = [];

    public Market(SimulationPlan plan)
    {
        for (var i = 1; i <= plan.Keys; i++)
        {
            Topics.Add(new Topic(SimulatedFeeds.Trades, $"K{i}"));
            Topics.Add(new Topic(SimulatedFeeds.Quotes, $"K{i}"));
        }

        for (var i = 1; i <= plan.Sessions; i++)
            Topics.Add(new Topic(SimulatedFeeds.Orders, $"ID{i}"));
        Topics.Add(new Topic(SimulatedFeeds.Fills, "ID1"));

        // An account that no session names: it belongs to the first.
        Topics.Add(new Topic(SimulatedFeeds.Orders, "GUEST"));
    }

    public List<Topic> Topics { get; } = [];

    public long Last(Topic topic) => _numbers.GetValueOrDefault(topic);

    public long Next(Topic topic) => _numbers[topic] = Last(topic) + 1;

    /// <summary>Topics of one feed that something happens to at the same time, one perhaps several times.</summary>
    public List<Topic> Happening(Chance chance)
    {
        var feed = chance.Unit() switch { < 0.5 => SimulatedFeeds.Trades, < 0.75 => SimulatedFeeds.Quotes, < 0.92 => SimulatedFeeds.Orders, _ => SimulatedFeeds.Fills };
        return feed.IsNotice ? [Any(feed, chance)] : [.. Enumerable.Range(0, chance.Of([1, 1, 2, 3, 5])).Select(_ => Any(feed, chance))];
    }

    private Topic Any(FeedSchema feed, Chance chance)
    {
        Topic topic;
        do
        {
            topic = chance.Of(Topics);
        }
        while (topic.Feed != feed);
        return topic;
    }
}
