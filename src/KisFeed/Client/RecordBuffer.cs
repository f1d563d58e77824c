using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>What was decoded of a frame and the gap before it, until a reader takes it.</summary>
internal sealed class RecordBuffer<TRecord>(string key) : IRecordSink<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly List<FeedItem<TRecord>> _items = [];
    private int _next;

    public void OnRecord(in TRecord record) => _items.Add(new FeedItem<TRecord>(in record, key));

    public void OnEvent(FeedEvent @event) => _items.Add(new FeedItem<TRecord>(@event));

    public bool TryTake(out FeedItem<TRecord> item)
    {
        if (_next < _items.Count)
        {
            item = _items[_next++];
            return true;
        }

        _items.Clear();
        _next = 0;
        item = default;
        return false;
    }
}
