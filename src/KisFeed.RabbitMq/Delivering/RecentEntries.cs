using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// Entries that publishers send to all streams, so that each is delivered once, from the first stream that has it. Times tell the frames
/// of a source apart. Not thread-safe.
/// </summary>
internal sealed class RecentEntries
{
    // Streams are never further apart in such entries, which are rare.
    private const int Capacity = 4096;

    private readonly HashSet<(string Source, DateTimeOffset At, uint Checksum)> _entries = [];
    private readonly Queue<(string Source, DateTimeOffset At, uint Checksum)> _oldest = new();

    /// <summary>Adds an entry. Returns <see langword="false"/> if another stream had it.</summary>
    public bool TryAdd(string source, in BatchEntry entry)
    {
        var id = (source, entry.At, Crc32C.Of(entry.Content.Span));
        if (!_entries.Add(id))
            return false;
        _oldest.Enqueue(id);
        if (_oldest.Count > Capacity)
            _entries.Remove(_oldest.Dequeue());
        return true;
    }
}
