using KisFeed.Feeds;
using KisFeed.Soak.Checks;
using KisFeed.Wire;

namespace KisFeed.Soak.Consumers;

/// <summary>The consumers that subscribe for the whole run: pulling, callback and raw ones in turn, one slow and one throwing.</summary>
internal sealed class ConsumerGroup
{
    private const int ThrowsEvery = 1_000;

    private static readonly TimeSpan s_readDelay = TimeSpan.FromMilliseconds(50);

    private readonly Func<string, SequenceRule, Audit> _audit;
    private readonly List<Consumer> _all = [];

    public ConsumerGroup(SubscriptionPlan plan, Func<string, SequenceRule, Audit> audit)
    {
        _audit = audit;
        foreach (var key in plan.Bonds)
            Add(BondTrade.Feed, key, Readings.Of, SequenceRule.Volumes);
        foreach (var key in plan.Indices)
            Add(IndexTrade.Feed, key, Readings.Of, SequenceRule.Volumes);
        foreach (var key in plan.Stocks)
        {
            Add(ProgramTrade.Nxt, key, Readings.Of, SequenceRule.Growth);
            Add(ProgramTrade.Krx, key, Readings.Of, SequenceRule.Growth);
            Add(ProgramTrade.Consolidated, key, Readings.Of, SequenceRule.Growth);
        }

        foreach (var key in plan.Accounts)
            Add(OrderNotice.Feed, key, Readings.Of, SequenceRule.Numbers);

        // These share registrations with other consumers, which must not be affected.
        Slow = new PullConsumer<BondTrade>(
            BondTrade.Feed, plan.Bonds[0], Readings.Of, audit($"slow {plan.Bonds[0]}", SequenceRule.Volumes), s_readDelay);
        Throwing = new CallbackConsumer<BondTrade>(
            BondTrade.Feed, plan.Bonds[1], Readings.Of, audit($"throwing {plan.Bonds[1]}", SequenceRule.Volumes), ThrowsEvery);
        _all.Add(Slow);
        _all.Add(Throwing);
    }

    public IReadOnlyList<Consumer> All => _all;

    public Consumer Slow { get; }

    public CallbackConsumer<BondTrade> Throwing { get; }

    /// <summary>The totals of all consumers.</summary>
    public DeliveryStats DeliveryStats => _all.Aggregate(new DeliveryStats(), (sum, consumer) => sum + consumer.Audit.DeliveryStats);

    private void Add<TRecord>(Feed<TRecord> feed, string key, ReadRecord<TRecord> read, SequenceRule rule)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var audit = _audit($"{feed.TrId}:{key}", rule);
        _all.Add((_all.Count % 3) switch
        {
            0 => new PullConsumer<TRecord>(feed, key, read, audit),
            1 => new CallbackConsumer<TRecord>(feed, key, read, audit),
            _ => new RawConsumer(feed.Schema, key, audit),
        });
    }
}
