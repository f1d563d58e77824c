namespace KisFeed;

/// <summary>One item of a subscription: a record or an event, in order.</summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
public readonly struct FeedItem<TRecord>
    where TRecord : struct
{
    internal FeedItem(in TRecord record, string? key)
    {
        Record = record;
        Key = key;
    }

    internal FeedItem(FeedEvent @event)
    {
        Event = @event;
        Key = @event.Key;
    }

    /// <summary>Whether this is a record.</summary>
    public bool IsRecord => Event is null;

    /// <summary>The record, if <see cref="IsRecord"/>.</summary>
    public TRecord Record { get; init; }

    /// <summary>
    /// The event, if this is not a record: a <see cref="Gap"/>, an <see cref="Interruption"/>, a <see cref="MalformedFrame"/>,
    /// <see cref="Evicted"/>, <see cref="Restored"/> or <see cref="LiveBegins"/>; of a <see cref="KeysSubscription{TRecord}"/> any event of
    /// a tap (<see cref="FrameItem.Event"/>).
    /// </summary>
    public FeedEvent? Event { get; init; }

    /// <summary>
    /// The key of the registration that the record or event belongs to; for order notices, the HTS ID. <see langword="null"/> for events of
    /// a session, and for a malformed frame of a <see cref="KeysSubscription{TRecord}"/>.
    /// </summary>
    public string? Key { get; init; }
}
