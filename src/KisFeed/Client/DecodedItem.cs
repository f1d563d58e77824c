using System.Diagnostics.CodeAnalysis;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>A decoded record or an event.</summary>
internal readonly struct DecodedItem
{
    private readonly FeedDecoder? _decoder;
    private readonly int _index;
    private readonly long _frame;

    public DecodedItem(FeedEvent @event)
    {
        Event = @event;
        Key = @event.Key;
    }

    public DecodedItem(FeedDecoder decoder, int index, string key)
    {
        _decoder = decoder;
        _index = index;
        _frame = decoder.Frame;
        Key = key;
    }

    public FeedEvent? Event { get; }

    public string? Key { get; }

    public FeedSchema? Feed => _decoder?.Feed ?? Event?.Feed;

    /// <summary>Returns the record if it is of this type.</summary>
    /// <exception cref="InvalidOperationException">The reader has moved on, so the record no longer exists.</exception>
    public bool TryGet<TRecord>([MaybeNullWhen(false)] out TRecord record)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        if (_decoder is not FeedDecoder<TRecord> decoder)
        {
            record = default;
            return false;
        }

        if (decoder.Frame != _frame)
            throw new InvalidOperationException("the record of an item can be read only until the next item is read: copy it before");
        record = decoder.Records[_index];
        return true;
    }
}
