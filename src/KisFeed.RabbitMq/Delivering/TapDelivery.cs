using System.Runtime.InteropServices;
using KisFeed.Client;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// Delivers what the streams of a cluster have of the wanted keys to taps, as sessions deliver what they receive. Does no I/O.
/// Guarded by the lock of the source.
/// </summary>
internal sealed class TapDelivery(
    FeedCatalog catalog, Partitions partitions, ReceiveClock clock, Action<DeliveredKey, KisFeedException>? onRefused, ILogger logger)
{
    private readonly Dictionary<(string TrId, string Key), DeliveredKey> _keys = [];
    private readonly Dictionary<int, StreamDelivery> _streams = [];
    private readonly List<TapQueue> _taps = [];
    private readonly RecentEntries _recent = new();
    private readonly Dictionary<string, DataSource> _data = new(StringComparer.Ordinal);

    public FeedCatalog Catalog => catalog;

    public ReceiveClock Clock => clock;

    public PendingWakeups Wakeups { get; } = new();

    /// <summary>
    /// Called when the broker has refused a key to its publisher, to end it; <see langword="null"/> if another publisher may take it.
    /// </summary>
    public Action<DeliveredKey, KisFeedException>? OnRefused => onRefused;

    public IReadOnlyCollection<DeliveredKey> Keys => _keys.Values;

    /// <summary>The number of the current frame.</summary>
    public long Frame { get; set; }

    /// <summary>When a batch last arrived.</summary>
    public DateTimeOffset? LastReceivedAt { get; set; }

    /// <summary>How old the last frame or event of this batch was.</summary>
    public TimeSpan? Lag { get; set; }

    /// <summary>The source of the data: if publishers differ, the least real one.</summary>
    public DataSource? Data
    {
        get
        {
            if (_data.Count == 0)
                return null;
            return _data.ContainsValue(DataSource.Simulation) ? DataSource.Simulation : _data.Values.Max();
        }
    }

    public IReadOnlyList<TapQueue> Taps => _taps;

    /// <summary>A tap whose reader is behind; <see langword="null"/> if there is none.</summary>
    public TapBackpressure? Congested
    {
        get
        {
            foreach (var tap in CollectionsMarshal.AsSpan(_taps))
            {
                if (tap.Backpressure.IsCongested)
                    return tap.Backpressure;
            }

            return null;
        }
    }

    public DeliveredKey? Find(FeedSchema feed, string key) => _keys.GetValueOrDefault((feed.TrId, key));

    /// <summary>Adds a key.</summary>
    public DeliveredKey Add(FeedSchema feed, string key)
    {
        var partition = partitions.Of(feed.TrId, key);
        var wanted = new DeliveredKey(feed, key, partition);
        _keys.Add((feed.TrId, key), wanted);
        StreamOf(partition).Add(wanted);
        return wanted;
    }

    /// <summary>Removes a key. Returns whether its stream has no other key.</summary>
    public bool Remove(DeliveredKey key)
    {
        _keys.Remove((key.Feed.TrId, key.Key));
        var stream = StreamOf(key.Partition);
        stream.Remove(key);
        if (!stream.IsEmpty)
            return false;
        _streams.Remove(key.Partition);
        return true;
    }

    /// <summary>The delivery of a stream. A new one begins wherever its messages begin.</summary>
    public StreamDelivery StreamOf(int partition)
    {
        if (!_streams.TryGetValue(partition, out var stream))
            _streams.Add(partition, stream = new StreamDelivery(this, new StreamEntries(partitions.Names[partition], logger)));
        return stream;
    }

    public void AddTap(TapQueue tap) => _taps.Add(tap);

    public void RemoveTap(TapQueue tap) => _taps.Remove(tap);

    /// <summary>A batch says where the data of its source come from. Returns whether that is new.</summary>
    public bool SetData(string source, DataSource? data)
    {
        if (data is not { } known || (_data.TryGetValue(source, out var before) && before == known))
            return false;
        _data[source] = known;
        return true;
    }

    /// <summary>Ends the current frame for all taps, after the keys in it have received it.</summary>
    public void EndFrame(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var tap in CollectionsMarshal.AsSpan(_taps))
            tap.EndFrame(bytes, shape, receivedAt);
    }

    /// <summary>Delivers an event of a session to all taps.</summary>
    public void Notify(FeedEvent feedEvent)
    {
        foreach (var tap in _taps)
            tap.Write(feedEvent);
    }

    /// <summary>Delivers an entry that all streams have, unless another stream had it.</summary>
    public void DeliverOnce(string source, in BatchEntry entry, FeedEvent sessionEvent)
    {
        if (_recent.TryAdd(source, entry))
            Notify(sessionEvent);
    }

    /// <summary>Delivers a message that cannot be read, and that all streams have, to the keys that it may belong to.</summary>
    /// <param name="source">The source.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="feed">The feed; <see langword="null"/> if it may be any.</param>
    /// <param name="error">The error.</param>
    /// <param name="raw">The message, as far as it was published.</param>
    public void DeliverMalformed(string source, in BatchEntry entry, FeedSchema? feed, FrameError error, ReadOnlyMemory<byte> raw)
    {
        if (!_recent.TryAdd(source, entry))
            return;
        var malformed = new MalformedFrame { Feed = feed, Error = error, Raw = raw.ToArray(), ReceivedAt = clock.StampReceived(entry.At) };
        foreach (var key in _keys.Values)
        {
            if ((feed is null || key.Feed == feed) && key.Ownership.IsOf(source))
                key.Receive(malformed);
        }

        foreach (var tap in _taps)
            tap.EndFrame(malformed);
    }
}
