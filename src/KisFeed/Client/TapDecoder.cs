using System.Collections.Concurrent;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Decodes the items of a tap. Keys can be added from any thread; one reader at a time decodes. A gap is held until the frame that ends it,
/// which follows immediately, so that the missed volume can be determined.
/// </summary>
internal sealed class TapDecoder(FrameTap tap)
{
    private readonly ConcurrentDictionary<string, FeedDecoder> _feeds = new(StringComparer.Ordinal);
    private readonly List<FeedEvent> _held = [];
    private readonly List<DecodedItem> _items = [];
    private FeedDecoder? _current;
    private int _next;
    private long _malformed;

    /// <summary>Number of frames and records that could not be read.</summary>
    public long Malformed => tap.Malformed + Interlocked.Read(ref _malformed);

    /// <summary>Returns the decoder of a feed, which is created at its first key.</summary>
    /// <exception cref="InvalidOperationException">The feed's records are of another type already.</exception>
    public FeedDecoder<TRecord> DecoderOf<TRecord>(FeedSchema feed)
        where TRecord : struct, IFeedRecord<TRecord> =>
        _feeds.GetOrAdd(feed.TrId, static (_, f) => new FeedDecoder<TRecord>(f), feed) as FeedDecoder<TRecord>
            ?? throw new InvalidOperationException($"records of {feed.TrId} are already read as another type than {typeof(TRecord).Name}");

    /// <summary>Returns the next decoded item of those that <see cref="TryDecodeNext"/> decoded.</summary>
    public bool TryTake(out DecodedItem item)
    {
        if (_next < _items.Count)
        {
            item = _items[_next++];
            return true;
        }

        _items.Clear();
        _next = 0;
        _current?.Clear();
        _current = null;
        item = default;
        return false;
    }

    /// <summary>Decodes the next item of the tap. Take what was decoded before first.</summary>
    /// <returns>Whether there was an item; it may have no records.</returns>
    public bool TryDecodeNext()
    {
        if (!tap.TryRead(out var item))
            return false;
        if (item.IsFrame)
        {
            Decode(item);
        }
        else if (item.Event is Gap { To: not null } || (item.Event is FirstFrame && _held.Count > 0))
        {
            _held.Add(item.Event);
        }
        else
        {
            Release();
            _items.Add(new DecodedItem(item.Event!));
            if (item is { Event: RegistrationRefused or RegistrationReleased, Feed: { } feed, Key: { } key })
                _feeds.GetValueOrDefault(feed.TrId)?.EndKey(key, () => tap.Has(feed, key));
        }

        return true;
    }

    private void Decode(in FrameItem item)
    {
        // Only feeds that were added have frames.
        if (!_feeds.TryGetValue(item.Feed!.TrId, out var decoder))
        {
            Release();
            return;
        }

        foreach (var @event in _held)
            _items.Add(new DecodedItem(@event is Gap gap ? decoder.Measure(gap, item) : @event));
        _held.Clear();
        _current = decoder;
        var malformed = decoder.Decode(item, _items);
        for (var i = 0; i < malformed; i++)
            tap.CountUndecodable(decoder.Feed);
        Interlocked.Add(ref _malformed, malformed);
    }

    private void Release()
    {
        foreach (var @event in _held)
            _items.Add(new DecodedItem(@event));
        _held.Clear();
    }
}
