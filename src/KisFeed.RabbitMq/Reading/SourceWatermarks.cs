using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// How far each source of a stream was read, which removes what publishers have sent twice: after a lost connection the same entries with
/// the same numbers, and after a restart entries with the same times in a new epoch. Not thread-safe.
/// </summary>
internal sealed class SourceWatermarks
{
    // More than any cluster has, so that foreign messages cannot fill the memory.
    private const int MaxSources = 4096;

    private readonly Dictionary<string, SourceWatermark> _sources = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SourceWatermark> All => _sources;

    /// <summary>The time of the last frame of all sources; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastAt =>
        _sources.Values.Select(source => source.At).Where(at => at > DateTimeOffset.MinValue).Cast<DateTimeOffset?>().Max();

    /// <summary>How far a source was read; <see langword="null"/> if nothing of it was.</summary>
    public SourceWatermark? Of(string source) => _sources.TryGetValue(source, out var watermark) ? watermark : null;

    public void Restore(IReadOnlyDictionary<string, SourceWatermark> sources)
    {
        foreach (var (source, watermark) in sources)
            _sources[source] = watermark;
    }

    /// <summary>Begins a batch, which is of the current epoch of its source or of a later one.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">The index of the first entry that was not read; the number of entries if all were.</param>
    /// <returns>Whether data of the source is missing before it.</returns>
    public bool Begin(StreamBatch batch, out int first)
    {
        var (origin, sequence) = (batch.Origin, batch.FirstSequence);
        first = 0;
        if (Of(origin.Source) is not { } watermark)
        {
            MakeRoom();
            _sources[origin.Source] = new SourceWatermark(origin.Epoch, sequence - 1, DateTimeOffset.MinValue, null);
            return false;
        }

        if (origin.Epoch > watermark.Epoch)
        {
            _sources[origin.Source] = new SourceWatermark(origin.Epoch, sequence - 1, watermark.At, origin.Continues ? watermark.At : null);
            return !origin.Continues || sequence != 1;
        }

        var next = watermark.Sequence + 1;
        first = sequence >= next ? 0 : (int)Math.Min(next - sequence, (ulong)batch.Entries.Count);
        return sequence > next;
    }

    /// <summary>Moves behind an entry, in the order of the batch.</summary>
    /// <returns>Whether the entry is new, rather than having been read in an earlier epoch.</returns>
    public bool Advance(StreamBatch batch, int index)
    {
        var entry = batch.Entries[index];
        var watermark = _sources[batch.Origin.Source];
        var isFrame = entry.Kind == EntryKind.Frame;
        var isRepeated = watermark.RepeatedUntil is { } until && (isFrame ? entry.At <= until : entry.At < until);
        _sources[batch.Origin.Source] = new SourceWatermark(
            watermark.Epoch,
            batch.FirstSequence + (ulong)index,
            isFrame && !isRepeated ? entry.At : watermark.At,
            isRepeated || !isFrame ? watermark.RepeatedUntil : null);
        return !isRepeated;
    }

    private void MakeRoom()
    {
        if (_sources.Count >= MaxSources)
            _sources.Remove(_sources.MinBy(source => source.Value.At).Key);
    }
}
