using KisFeed.RabbitMq.Format;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// The entries in the messages of a stream, of all sources and keys, each once and in the order of their source. Not thread-safe.
/// </summary>
internal sealed class StreamEntries
{
    private readonly string _stream;
    private readonly ILogger _logger;
    private readonly SourceWatermarks _sources = new();
    private readonly BatchOrder _order;
    private readonly StreamProgress _progress = new();
    private string? _source;
    private long _duplicates;
    private long _malformed;

    public StreamEntries(string stream, ILogger logger)
    {
        (_stream, _logger) = (stream, logger);
        _order = new BatchOrder(_sources);
    }

    /// <summary>Entries that were dropped because they had been read before.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Messages that are not batches.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>The current batch.</summary>
    public StreamBatch? Batch { get; private set; }

    /// <summary>Whether data of the source is missing before the current batch.</summary>
    public bool IsMissing { get; private set; }

    /// <summary>
    /// Whether the last message has shown that the offsets of the stream have gone back, so that data of
    /// any source may be missing before it.
    /// </summary>
    public bool IsReplaced { get; private set; }

    /// <summary>The time of the last frame of all sources; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastAt => _sources.LastAt;

    /// <summary>Adds a message. <see cref="TryNext"/> returns the batches that can be read then.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">What was received before is left out.</param>
    /// <returns>The batch of the message, even if its turn has not come; <see langword="null"/> if there is none.</returns>
    public StreamBatch? Add(in StreamMessage message, DateTimeOffset? from)
    {
        _source = null;
        IsReplaced = false;
        if (!StreamBatch.TryRead(message.Body, out var batch, out var problem))
        {
            _progress.Add(message.Offset, isNew: false);
            Interlocked.Increment(ref _malformed);
            ReaderLog.Malformed(_logger, _stream, message.Offset, problem);
            return null;
        }

        _source = batch.Origin.Source;
        var isNew = _order.TryAdd(batch, message.Offset);
        if (!isNew)
            Interlocked.Add(ref _duplicates, batch.Entries.Count);
        IsReplaced = _progress.Add(message.Offset, isNew && !(batch.Entries[^1].At < from));
        if (IsReplaced)
            ReaderLog.Replaced(_logger, _stream, message.Offset);
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
        IsMissing = _sources.Begin(next.Batch, out first);
        if (IsMissing)
            ReaderLog.Missing(_logger, _stream, _source, next.Offset);
        Interlocked.Add(ref _duplicates, first);
        return true;
    }

    /// <summary>Moves behind an entry of <see cref="Batch"/>.</summary>
    /// <returns>Whether the entry is new, rather than having been read in an earlier epoch.</returns>
    public bool Advance(int index)
    {
        if (_sources.Advance(Batch!, index))
            return true;
        Interlocked.Increment(ref _duplicates);
        return false;
    }
}
