using System.Collections.Concurrent;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>The placement epoch of each key, which increases whenever another publisher gets the key. Thread-safe.</summary>
internal sealed class KeyEpochs
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<byte[], uint>> _feeds = new(StringComparer.Ordinal);

    /// <summary>Whether all keys have no epoch.</summary>
    public bool IsEmpty => _feeds.IsEmpty;

    public void Set(string trId, string key, uint epoch)
    {
        if (epoch == 0)
            return;
        _feeds.GetOrAdd(trId, static _ => new ConcurrentDictionary<byte[], uint>(Utf8KeyComparer.Instance))[Encoding.UTF8.GetBytes(key)] = epoch;
    }

    /// <summary>The epoch of a key; 0 if it has none.</summary>
    public uint Of(string trId, ReadOnlySpan<byte> key) =>
        _feeds.TryGetValue(trId, out var keys) && keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var epoch) ? epoch : 0;
}
