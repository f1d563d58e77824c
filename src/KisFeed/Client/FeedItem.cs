namespace KisFeed;

/// <summary>One item of a subscription: a record, or an event that stands where it happened.</summary>
/// <typeparam name="TRecord">The type of the feed's records.</typeparam>
public readonly struct FeedItem<TRecord>
    where TRecord : struct
{
    internal FeedItem(in TRecord record) => Record = record;

    internal FeedItem(FeedEvent @event) => Event = @event;

    /// <summary>Whether this is a record.</summary>
    public bool IsRecord => Event is null;

    /// <summary>The record, where this is one.</summary>
    public TRecord Record { get; }

    /// <summary>The event, where this is one: a <see cref="Gap"/>, an <see cref="Interruption"/> or a <see cref="MalformedFrame"/>.</summary>
    public FeedEvent? Event { get; }
}
