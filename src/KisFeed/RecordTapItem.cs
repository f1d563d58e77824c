using System.Diagnostics.CodeAnalysis;
using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>One item of a <see cref="RecordTap"/>: a record of one of its feeds, or an event, in the order of receipt.</summary>
/// <example>
/// <code>
/// if (item.TryGet(out StockTrade trade))
///     OnTrade(trade);
/// else if (item.TryGet(out StockOrderBook book))
///     OnBook(book);
/// else if (item.Event is Gap gap)
///     OnGap(gap);
/// </code>
/// </example>
public readonly struct RecordTapItem
{
    private readonly DecodedItem _item;

    internal RecordTapItem(in DecodedItem item) => _item = item;

    /// <summary>Whether this is a record.</summary>
    public bool IsRecord => _item.Event is null;

    /// <summary>
    /// The event, if this is not a record: any event of a <see cref="FrameTap"/> (<see cref="FrameItem.Event"/>).
    /// </summary>
    public FeedEvent? Event => _item.Event;

    /// <summary>The feed; <see langword="null"/> for events of a session, and for a malformed frame of an unknown feed.</summary>
    public FeedSchema? Feed => _item.Feed;

    /// <summary>
    /// The key of the registration that the record or event belongs to; for order notices, the HTS ID. <see langword="null"/> for events of
    /// a session, and for a malformed frame.
    /// </summary>
    public string? Key => _item.Key;

    /// <summary>
    /// Returns the record if it is of this type. Feeds of several markets can share a type; <see cref="Feed"/> tells them apart.
    /// </summary>
    /// <typeparam name="TRecord">The record type.</typeparam>
    /// <param name="record">A copy of the record.</param>
    /// <returns>Whether this is a record of this type.</returns>
    /// <exception cref="InvalidOperationException">The next item was read meanwhile, so the record no longer exists.</exception>
    public bool TryGet<TRecord>([MaybeNullWhen(false)] out TRecord record)
        where TRecord : struct, IFeedRecord<TRecord> => _item.TryGet(out record);

    /// <summary>Returns the record, of which the caller knows the type.</summary>
    /// <typeparam name="TRecord">The record type.</typeparam>
    /// <exception cref="InvalidOperationException">This is not a record of this type, or the next item was read meanwhile.</exception>
    public TRecord Get<TRecord>()
        where TRecord : struct, IFeedRecord<TRecord> => TryGet(out TRecord record)
            ? record
            : throw new InvalidOperationException(
                $"the item is not a {typeof(TRecord).Name} but {(Event is null ? $"a record of {Feed?.TrId}" : Event)}; check with TryGet");
}
