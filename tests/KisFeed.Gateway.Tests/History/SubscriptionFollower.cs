using KisFeed.Feeds;

namespace KisFeed.Gateway.Tests.History;

/// <summary>A program that reads a key from a time on through the library, which reconnects by itself.</summary>
/// <param name="feed">The TR ID.</param>
/// <param name="key">The key.</param>
/// <param name="from">The time.</param>
internal sealed class SubscriptionFollower(string feed, string key, DateTimeOffset from) : IAsyncDisposable
{
    private readonly RecordedKeys _received = new();
    private FrameSubscription? _subscription;
    private IAsyncEnumerator<FrameItem>? _items;

    /// <summary>How often the recorded data was joined to live data.</summary>
    public int Joins { get; private set; }

    /// <summary>The number of records received.</summary>
    public int Records => _received.Of(feed, key).Count(item => item.Json is not null);

    /// <summary>Subscribes.</summary>
    public async Task OpenAsync(KisFeedClient client)
    {
        _subscription =
            await client.SubscribeAsync(KisFeeds.Catalog.Feeds.First(f => f.TrId == feed), key, new() { From = HistoryStart.At(from) })
            .WaitAsync(Patience.Limit);
        _items = _subscription.ReadAllAsync().GetAsyncEnumerator();
    }

    /// <summary>Reads some items.</summary>
    public async Task ReadAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await _items!.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            Add(_items.Current);
        }
    }

    /// <summary>Reads until live data begins.</summary>
    public async Task CatchUpAsync()
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        for (var joins = Joins; Joins == joins; await ReadAsync(1))
            deadline.IsCancellationRequested.ShouldBeFalse($"{Records} records were read, and the subscription did not reach the present");
    }

    /// <summary>Reads up to a time.</summary>
    public async Task ReadUntilAsync(DateTimeOffset time)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        for (; _received.Of(feed, key) is not [.., var last] || last.At < time; await ReadAsync(1))
            deadline.IsCancellationRequested.ShouldBeFalse($"{Records} records were read, and none was received at {time:O} or later");
    }

    /// <summary>
    /// Compares what was received with the recording: the records from the beginning on, each once and in order, gaps where they are.
    /// </summary>
    public void Check(RecordedKeys recorded)
    {
        var expected = Normalized(recorded.Of(feed, key).Where(item => item.At >= from));
        var got = Normalized(_received.Of(feed, key));
        got.Count.ShouldBeLessThanOrEqualTo(expected.Count, $"{feed}:{key}");
        var same = got.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same < got.Count)
        {
            got[same].ShouldBe(expected[same], $"{feed}:{key} from {from:O}, item {same} of {got.Count}, which is item "
                + $"{expected.IndexOf(got[same], same)} of {expected.Count} recorded, with {Joins} joins");
        }
        _received.Keys.ShouldBeSubsetOf([(feed, key)]);
        _subscription!.Dropped.ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
        if (_items is not null)
            await _items.DisposeAsync();
    }

    // Several causes of missing data between two records are one gap in one place and several in another; a gap at the end may still grow.
    private static List<string?> Normalized(IEnumerable<RecordedItem> items)
    {
        var result = new List<string?>();
        foreach (var item in items)
        {
            if (item.Json is not null || result is [.., not null])
                result.Add(item.Json);
        }

        if (result is [.., null])
            result.RemoveAt(result.Count - 1);
        return result;
    }

    private void Add(FrameItem item)
    {
        switch (item.Event)
        {
            case null:
                _received.Add(item.Frame);
                break;
            case Gap gap:
                gap.To.ShouldNotBeNull();
                _received.Of(feed, key).Add(new RecordedItem(gap.To.Value, null));
                break;
            case LiveBegins:
                Joins++;
                break;
            case MalformedFrame malformed:
                throw new InvalidDataException(malformed.ToString());
        }
    }
}
