using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>The library's client with a typed callback for each record.</summary>
internal sealed class TypedReader : IFeedReader
{
    private readonly KisFeedClient _client;
    private readonly Delays? _delays;
    private readonly List<FeedSubscription> _subscriptions = [];
    private readonly List<Counter> _counters = [];

    private TypedReader(KisFeedClient client, Delays? delays)
    {
        _client = client;
        _delays = delays;
    }

    public static async Task<TypedReader> StartAsync(
        Uri url, IReadOnlyList<string> registrations, Delays? delays, CancellationToken cancellationToken)
    {
        var client = await Credentials.ConnectAsync(url, cancellationToken);
        var reader = new TypedReader(client, delays);
        try
        {
            foreach (var registration in registrations)
                await reader.SubscribeAsync(registration.Split(':')[0], registration.Split(':')[1], cancellationToken);
            return reader;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    // Dequeued frames have been decoded, except possibly the current one.
    public Reading Read()
    {
        var dropped = _subscriptions.Sum(s => s.Dropped);
        return new Reading(
            _subscriptions.Sum(s => s.Received - s.QueueDepth) - dropped, _counters.Sum(c => Volatile.Read(ref c.Records)), dropped);
    }

    public async ValueTask DisposeAsync() => await _client.DisposeAsync();

    private Task SubscribeAsync(string trId, string key, CancellationToken cancellationToken) => trId switch
    {
        _ when trId == IndexTrade.Feed.Schema.TrId && _delays is { } delays =>
            SubscribeAsync(IndexTrade.Feed, key, (in IndexTrade trade) => delays.Add(trade.AccumulatedVolume!.Value), cancellationToken),
        _ when trId == IndexTrade.Feed.Schema.TrId => CountAsync(IndexTrade.Feed, key, cancellationToken),
        _ when trId == ProgramTrade.Krx.Schema.TrId => CountAsync(ProgramTrade.Krx, key, cancellationToken),
        _ when trId == BondTrade.Feed.Schema.TrId => CountAsync(BondTrade.Feed, key, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(trId), trId, "not a feed of the benchmark"),
    };

    private Task CountAsync<TRecord>(Feed<TRecord> feed, string key, CancellationToken cancellationToken)
        where TRecord : struct, IFeedRecord<TRecord> =>
        SubscribeAsync(feed, key, null, cancellationToken);

    private async Task SubscribeAsync<TRecord>(
        Feed<TRecord> feed, string key, RecordHandler<TRecord>? onRecord, CancellationToken cancellationToken)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var counter = new Counter();
        _counters.Add(counter);
        RecordHandler<TRecord> handler = onRecord is null
            ? (in TRecord _) => counter.Records++
            : (in TRecord record) =>
            {
                counter.Records++;
                onRecord(in record);
            };
        _subscriptions.Add(await _client.SubscribeAsync(feed, key, handler, cancellationToken: cancellationToken));
    }

    private sealed class Counter
    {
        public long Records;
    }
}
