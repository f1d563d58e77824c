using KisFeed.Feeds;

namespace KisFeed.Gateway.Tests.History;

/// <summary>A program that reads a key from a time on through the library, which reconnects by itself.</summary>
/// <param name="feed">The TR ID.</param>
/// <param name="key">The key.</param>
/// <param name="from">The time.</param>
internal sealed class SubscriptionFollower(string feed, string key, DateTimeOffset from) : HistoryFollower([(feed, key)], from)
{
    private FrameSubscription? _subscription;
    private IAsyncEnumerator<FrameItem>? _items;

    /// <summary>Subscribes.</summary>
    public async Task OpenAsync(KisFeedClient client)
    {
        _subscription =
            await client.SubscribeAsync(KisFeeds.Catalog.Feeds.First(f => f.TrId == feed), key, new() { From = HistoryStart.At(From) })
            .WaitAsync(Patience.Limit);
        _items = _subscription.ReadAllAsync().GetAsyncEnumerator();
    }

    public override async Task ReadAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await _items!.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            Add(_items.Current);
        }
    }

    /// <summary>Reads up to a time.</summary>
    public async Task ReadUntilAsync(DateTimeOffset time)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        for (; Received.Of(feed, key) is not [.., var last] || last.At < time; await ReadAsync(1))
            deadline.IsCancellationRequested.ShouldBeFalse($"{Records} records were read, and none was received at {time:O} or later");
    }

    public override void Check(RecordedKeys recorded)
    {
        base.Check(recorded);
        _subscription!.Dropped.ShouldBe(0);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
        if (_items is not null)
            await _items.DisposeAsync();
    }

    private void Add(FrameItem item)
    {
        switch (item.Event)
        {
            case null:
                Received.Add(item.Frame);
                break;
            case Gap gap:
                gap.To.ShouldNotBeNull();
                Received.Of(feed, key).Add(new RecordedItem(gap.To.Value, null));
                break;
            case LiveBegins:
                Joins++;
                break;
            case MalformedFrame malformed:
                throw new InvalidDataException(malformed.ToString());
        }
    }
}
