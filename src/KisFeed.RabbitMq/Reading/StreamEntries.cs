using KisFeed.RabbitMq.Format;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// The entries in the messages of a stream, of all sources and keys, each once and in the order of their source. Not thread-safe.
/// </summary>
internal sealed class StreamEntries
{
    private readonly ILogger _logger;
    private readonly SourceWatermarks _sources = new();
    private readonly BatchOrder _order;
    private readonly StreamProgress _progress = new();
    private string? _source;
    private SourceWatermark? _beforeBatch;
    private bool _isAtBegin;
    private long _duplicates;
    private long _malformed;

    public StreamEntries(string name, ILogger logger)
    {
        (Name, _logger) = (name, logger);
        _order = new BatchOrder(_sources);
    }

    /// <summary>The name of the stream.</summary>
    public string Name { get; }

    /// <summary>Entries that were dropped because they had been read before.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Messages that are not batches.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>The offset of the first message of which entries are unread, otherwise of the last message.</summary>
    public long? Offset => _order.FirstOffset ?? _progress.Last;

    /// <summary>How far each source was read.</summary>
    public IReadOnlyDictionary<string, SourceWatermark> Sources => _sources.All;

    /// <summary>The current batch.</summary>
    public StreamBatch? Batch { get; private set; }

    /// <summary>
    /// How far the source of <see cref="Batch"/> was read before the next entry; <see langword="null"/> if nothing of it was.
    /// </summary>
    public SourceWatermark? WatermarkBefore => _isAtBegin ? _beforeBatch : _sources.Of(Batch!.Origin.Source);

    /// <summary>Whether data of the source is missing before the current batch.</summary>
    public bool IsMissing { get; private set; }

    /// <summary>
    /// Whether the last message has shown that the offsets of the stream have gone back, so that data of
    /// any source may be missing before it.
    /// </summary>
    public bool IsReplaced { get; private set; }

    /// <summary>The time of the last frame of all sources; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastAt => _sources.LastAt;

    /// <summary>Continues where another reader was.</summary>
    /// <param name="offset">Its <see cref="Offset"/>.</param>
    /// <param name="sources">Its <see cref="Sources"/>.</param>
    public void Restore(long? offset, IReadOnlyDictionary<string, SourceWatermark> sources)
    {
        _progress.Rewind(offset);
        _sources.Restore(sources);
    }

    /// <summary>Messages from <see cref="Offset"/> on are added again.</summary>
    public void Rewind() => _progress.Rewind(Offset);

    /// <summary>Adds a message. <see cref="TryNext"/> returns the batches that can be read then.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Frames and events before this time are left out.</param>
    /// <returns>The batch of the message, even if its turn has not come; <see langword="null"/> if there is none.</returns>
    public StreamBatch? Add(in StreamMessage message, DateTimeOffset? from)
    {
        _source = null;
        IsReplaced = false;
        if (!StreamBatch.TryRead(message.Body, out var batch, out var problem))
        {
            _progress.Add(message.Offset, isNew: false);
            Interlocked.Increment(ref _malformed);
            ReaderLog.Malformed(_logger, Name, message.Offset, problem);
            return null;
        }

        _source = batch.Origin.Source;
        var isNew = _order.TryAdd(batch, message.Offset);
        if (!isNew)
            Interlocked.Add(ref _duplicates, batch.Entries.Count);
        IsReplaced = _progress.Add(message.Offset, isNew && !(batch.Entries[^1].At < from));
        if (IsReplaced)
            ReaderLog.Replaced(_logger, Name, message.Offset);
        return batch;
    }

    /// <summary>Begins the next batch whose turn it is. There may be none after a message, or several.</summary>
    /// <param name="first">The index of the first entry that was not read, in <see cref="Batch"/>.</param>
    public bool TryNext(out int first)
    {
        first = 0;
        Batch = null;
        if (_source is null || !_order.TryNext(_source, out var next))
            return false;
        Batch = next.Batch;
        (_isAtBegin, _beforeBatch) = (true, _sources.Of(_source));
        IsMissing = _sources.Begin(next.Batch, out first);
        if (IsMissing)
            ReaderLog.Missing(_logger, Name, _source, next.Offset);
        Interlocked.Add(ref _duplicates, first);
        return true;
    }

    /// <summary>Moves behind an entry of <see cref="Batch"/>.</summary>
    /// <returns>Whether the entry is new, rather than having been read in an earlier epoch.</returns>
    public bool Advance(int index)
    {
        _isAtBegin = false;
        if (_sources.Advance(Batch!, index))
            return true;
        Interlocked.Increment(ref _duplicates);
        return false;
    }
}
