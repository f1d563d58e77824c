using System.Collections.Immutable;
using System.Text;
using KisFeed.Simulation.Plans;
using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>The market data: for each topic, records numbered from 1 without gaps.</summary>
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

        // An account that belongs to no session; its notices go to the first session.
        Topics.Add(new Topic(SimulatedFeeds.Orders, "GUEST"));
    }

    public List<Topic> Topics { get; } = [];

    public long Last(Topic topic) => _numbers.GetValueOrDefault(topic);

    public long Next(Topic topic) => _numbers[topic] = Last(topic) + 1;

    /// <summary>Topics of one feed that have records at the same time, possibly several of one topic.</summary>
    public List<Topic> NextTopics(SeededRandom random)
    {
        var feed = random.NextDouble() switch
        {
            < 0.5 => SimulatedFeeds.Trades,
            < 0.75 => SimulatedFeeds.Quotes,
            < 0.92 => SimulatedFeeds.Orders,
            _ => SimulatedFeeds.Fills,
        };
        return feed.IsNotice
            ? [PickTopic(feed, random)]
            : [.. Enumerable.Range(0, random.Pick([1, 1, 2, 3, 5])).Select(_ => PickTopic(feed, random))];
    }

    private Topic PickTopic(FeedSchema feed, SeededRandom random)
    {
        Topic topic;
        do
        {
            topic = random.Pick(Topics);
        }
        while (topic.Feed != feed);
        return topic;
    }
}

/// <summary>Creates frames that are invalid, completely or in part.</summary>
internal static class FrameCorrupter
{
    private static readonly string[] s_garbage =
    [
        "", "x", "{", "{}", """{"header":{"tr_id":"SIMTRD"},"body":7}""", "0|", "0|SIMTRD", "0|SIMTRD|abc|x", "0|SIMTRD|000|x",
        "0|SIMTRD|002|a^b^c",
        "0|SIMTRD|001|K1", "0|NOSUCH|001|a^b^c", "1|SIMORD|001|AAAA", "1|SIMORD|001|!", "2|SIMTRD|001|a^b^c",
    ];

    public static ServerMessage CreateGarbage(SeededRandom random) =>
        new(Encoding.UTF8.GetBytes(random.Pick(s_garbage))) { IsOversized = random.NextBool(0.1) };

    /// <summary>
    /// Extra text after the records of a frame: a superfluous separator or column, which is valid, or a field, which is not.
    /// </summary>
    public static string CreateTail(FrameContent content, SeededRandom random, out bool isCorrupted)
    {
        isCorrupted = false;
        if (content.Topics.Count == 1)
            return random.NextBool(0.5) ? "^extra" : content.EncryptedFor is null ? "^" : "";
        isCorrupted = random.NextBool(0.5);
        return isCorrupted ? "^surplus" : "^";
    }
}
