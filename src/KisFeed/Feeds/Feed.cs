using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>A feed of the broker together with the type of its records: what to subscribe to.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
/// <param name="schema">What is known of the feed.</param>
public sealed class Feed<TRecord>(FeedSchema schema)
    where TRecord : struct, IFeedRecord<TRecord>
{
    /// <summary>What is known of the feed.</summary>
    public FeedSchema Schema { get; } = schema;

    /// <summary>The feed's TR ID on the production service.</summary>
    public string TrId => Schema.TrId;

    /// <summary>The TR ID.</summary>
    public override string ToString() => TrId;
}
