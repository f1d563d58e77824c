using System.Runtime.InteropServices;
using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// Puts the batches of each source in the order of their sequence numbers. After the loss of a node a stream may have a batch behind later
/// ones. Batches that come too early are kept until the missing one comes, or is certainly lost: because the cluster had confirmed it
/// before a batch that has come was sent. Not thread-safe.
/// </summary>
internal sealed class BatchOrder(SourceWatermarks watermarks)
{
    // Publishers send no more before the first is confirmed. Other senders must not fill the memory.
    private const int MaxEarly = BatchFormat.MaxUnconfirmed;
    private const int MaxSources = 4096;

    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);
    private long? _current;

    /// <summary>The offset of the first message of which entries are unread; <see langword="null"/> if there is none.</summary>
    public long? FirstOffset
    {
        get
        {
            var first = _current;
            foreach (var source in _sources.Values)
            {
                foreach (var (_, offset) in source.Early.Values)
                    first = Math.Min(first ?? offset, offset);
            }

            return first;
        }
    }

    /// <summary>Adds a batch.</summary>
    /// <returns>Whether it has unread entries that were not added before.</returns>
    public bool TryAdd(StreamBatch batch, long offset)
    {
        var epoch = batch.Origin.Epoch;
        var watermark = watermarks.Of(batch.Origin.Source);
        var source = SourceOf(batch.Origin.Source);
        if (epoch < watermark?.Epoch || epoch < source.Epoch)
            return false;
        if (epoch > source.Epoch || !source.HasBegun)
        {
            // What a lost batch of an earlier epoch had is repeated in one that continues it.
            if (batch.Origin.Continues)
                source.Early.Clear();
            (source.HasBegun, source.Epoch, source.Begin, source.Confirmed) = (true, epoch, batch.Confirmed, batch.Confirmed);
        }

        source.Confirmed = Math.Max(source.Confirmed, batch.Confirmed);
        if (batch.Entries.Count == 0 || (epoch == watermark?.Epoch && batch.LastSequence <= watermark.Value.Sequence))
            return false;
        return source.Early.TryAdd((epoch, batch.FirstSequence), (batch, offset));
    }

    /// <summary>Removes the next batch of a source if none is missing before it, or the missing ones are certainly lost.</summary>
    public bool TryNext(string name, out OrderedBatch next)
    {
        _current = null;
        next = default;
        if (!_sources.TryGetValue(name, out var source) || source.Early.Count == 0)
            return false;
        var (key, (batch, offset)) = source.Early.First();
        var watermark = watermarks.Of(name);
        ulong before;
        if (watermark is { } known)
            before = known.Epoch == key.Epoch ? known.Sequence : 0;
        else
            before = source.Begin;
        if (key.Epoch == source.Epoch && batch.FirstSequence - 1 > Math.Max(before, source.Confirmed) && source.Early.Count <= MaxEarly)
            return false;
        source.Early.Remove(key);
        _current = offset;
        next = new OrderedBatch(batch, offset);
        return true;
    }

    private Source SourceOf(string name)
    {
        if (_sources.TryGetValue(name, out var source))
            return source;
        if (_sources.Count >= MaxSources)
        {
            foreach (var unused in _sources.Where(known => known.Value.Early.Count == 0).Select(known => known.Key).ToList())
                _sources.Remove(unused);
        }

        return _sources[name] = new Source();
    }

    private sealed class Source
    {
        public SortedDictionary<(ulong Epoch, ulong Sequence), (StreamBatch Batch, long Offset)> Early { get; } = [];

        public bool HasBegun { get; set; }

        /// <summary>The highest epoch that was added.</summary>
        public ulong Epoch { get; set; }

        /// <summary>
        /// What was confirmed before the first batch of the epoch that was added: a reader that knows
        /// nothing of the source begins behind it.
        /// </summary>
        public ulong Begin { get; set; }

        /// <summary>What is confirmed in the epoch.</summary>
        public ulong Confirmed { get; set; }
    }
}

/// <summary>A batch in the order of its source.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Offset">The offset of its message.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OrderedBatch(StreamBatch Batch, long Offset);
