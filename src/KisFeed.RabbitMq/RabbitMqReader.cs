using System.Runtime.CompilerServices;
using KisFeed.Capture.Reading;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq;

/// <summary>
/// Reads one key of a feed from a RabbitMQ stream: records, with gaps, interruptions and malformed frames in their places, as a
/// <see cref="Subscription{TRecord}"/> of the session returns them. It reconnects by itself, and returns each item once, however often
/// publishers have sent it. One enumeration at a time.
/// </summary>
/// <typeparam name="TRecord">The feed's record type.</typeparam>
/// <example>
/// <code>
/// var reader = new RabbitMqReader&lt;IndexTrade&gt;(options, IndexTrade.Feed, "0001", RabbitMqStart.Now);
/// await foreach (var item in reader.ReadItemsAsync())
///     Store(item, reader.Position.ToString());
/// </code>
/// </example>
public sealed class RabbitMqReader<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly StreamMessages _messages;
    private readonly KeyEntries _entries;
    private readonly RecordItems<TRecord> _records;
    private readonly Queue<FeedItem<TRecord>> _items = new();

    // The state before the current entry, while some of its items were not returned.
    private (EntryState Entry, KeyHistoryState? History)? _before;
    private PartialEntry? _current;
    private PartialEntry? _skipped;
    private int _returned;
    private int _readers;

    /// <summary>Creates a reader. It connects when it is enumerated.</summary>
    /// <param name="options">The options.</param>
    /// <param name="feed">The feed, not one of order notices.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="start">Where to begin.</param>
    /// <exception cref="ArgumentException">An option is not valid, the feed has order notices, or the position belongs to
    /// another key or stream.</exception>
    public RabbitMqReader(RabbitMqReaderOptions options, Feed<TRecord> feed, string key, RabbitMqStart start)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(start);
        options.Validate();
        if (feed.Schema.IsNotice)
            throw new ArgumentException($"{feed.TrId}: order notices are not published", nameof(feed));
        var schema = options.Catalog.TryFind(feed.TrId, out var known) ? known : feed.Schema;
        var partitions = new Partitions(options.Cluster.Prefix, options.Cluster.Partitions);
        var stream = partitions.Names[partitions.Of(schema.TrId, key)];
        var logger = (options.Cluster.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<RabbitMqReader<TRecord>>();
        _entries = new KeyEntries(schema, key, stream, logger);
        _messages = new StreamMessages(
            options, stream, logger, StartOf(start, options.Cluster.TimeProvider), () => _entries.Stream.LastAt);
        _records = new RecordItems<TRecord>(options.Catalog, schema, key);
        if (start.Position is { Content: var position })
        {
            _entries.Restore(position);
            _records.State = position.History;
            _skipped = position.Partial;
        }
    }

    /// <summary>Behind the last item that was returned. A reader that begins there returns the items after it.</summary>
    public RabbitMqPosition Position => new(_before is { } before
        ? before.Entry.ApplyTo(_entries.Save(null)) with { History = before.History, Partial = _current! with { Items = _returned } }
        : _entries.Save(_messages.BeginAt) with { History = _records.State, Partial = _skipped });

    /// <summary>Why nothing can be read now; <see langword="null"/> if everything works.</summary>
    public string? Problem => _messages.Connection.Problem;

    /// <summary>Connections established.</summary>
    public long Connections => _messages.Connection.Connections;

    /// <summary>Frames and events that were dropped because they had been read before.</summary>
    public long Duplicates => _entries.Stream.Duplicates;

    /// <summary>Messages that were skipped because they are not batches of a publisher. What they lack is reported as a gap.</summary>
    public long Malformed => _entries.Stream.Malformed;

    /// <summary>The records as they arrive. <see cref="ReadItemsAsync"/> returns the gaps and other events, too.</summary>
    /// <exception cref="RabbitMqException">Retrying would not help, for example because the password is wrong.</exception>
    public async IAsyncEnumerable<TRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadItemsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.IsRecord)
                yield return item.Record;
        }
    }

    /// <summary>The records as they arrive, with gaps, interruptions and malformed frames in order.</summary>
    /// <exception cref="RabbitMqException">Retrying would not help, for example because the password is wrong.</exception>
    public async IAsyncEnumerable<FeedItem<TRecord>> ReadItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
            throw new InvalidOperationException("the reader is being enumerated already; create another one to read the data twice");
        try
        {
            while (TryReturn(out var item))
                yield return item;
            _entries.Stream.Rewind();
            await foreach (var message in _messages.ReadAsync(_entries.Stream.Offset, cancellationToken).ConfigureAwait(false))
            {
                _entries.Add(message, _messages.From);
                Process();
                while (_entries.TryNext(out var first))
                {
                    for (var i = first; i < _entries.Stream.Batch!.Entries.Count; i++)
                    {
                        Read(i);
                        while (TryReturn(out var item))
                            yield return item;
                    }
                }
            }
        }
        finally
        {
            Volatile.Write(ref _readers, 0);
        }
    }

    // A reader that begins now begins at this moment, even if the cluster is away.
    private static MessageStart StartOf(RabbitMqStart start, TimeProvider time)
    {
        if (start.Position is { Content: var position })
            return position.Offset is null ? new MessageStart(position.From) : new MessageStart(Since: position.From);
        return start is { IsFirst: false, Time: null }
            ? new MessageStart(IsNow: true, Since: time.GetUtcNow())
            : new MessageStart(start.Time);
    }

    private void Read(int index)
    {
        var batch = _entries.Stream.Batch!;
        var before = _entries.StateBefore();
        _entries.Read(index, _messages.From);
        if (_entries.Items.Count == 0)
            return;
        var history = _records.State;
        Process();
        if (_items.Count == 0)
            return;
        _before = (before, history);
        _returned = 0;
        _current = new PartialEntry(batch.Origin.Source, batch.Origin.Epoch, batch.FirstSequence + (ulong)index, 0);
        if (_skipped is { } skipped && skipped with { Items = 0 } == _current)
        {
            for (; _returned < skipped.Items && _items.Count > 0; _returned++)
                _items.Dequeue();
        }

        _skipped = null;
    }

    private void Process()
    {
        foreach (var item in _entries.Items)
        {
            _records.Process(item);
            foreach (var record in _records.Items)
                _items.Enqueue(record);
        }

        _entries.Items.Clear();
    }

    private bool TryReturn(out FeedItem<TRecord> item)
    {
        if (_items.TryDequeue(out item))
        {
            _returned++;
            if (_items.Count == 0)
                _before = null;
            return true;
        }

        _before = null;
        return false;
    }
}
