namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// The batches that must be published again when the link is lost, up to a limit: in each stream those from the first unconfirmed one on,
/// including those after it that are confirmed, because the cluster may have stored them in another order. Thread-safe.
/// </summary>
/// <param name="streams">The number of streams.</param>
/// <param name="limit">The maximum number of batches.</param>
internal sealed class UnconfirmedBatches(int streams, int limit)
{
    private readonly Lock _gate = new();
    private readonly StreamState[] _streams = [.. Enumerable.Range(0, streams).Select(_ => new StreamState())];

    // Those published on the current channel that are not confirmed, by their tags.
    private readonly Dictionary<ulong, PublishedBatch> _byTag = [];
    private TaskCompletionSource? _awaited;
    private int _awaitedCount;
    private ulong _lowestTag = 1;
    private ulong _order;
    private int _count;

    /// <summary>The number of batches.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>The time of the first entry that is not confirmed; <see langword="null"/> if all are.</summary>
    public DateTimeOffset? FirstAt
    {
        get
        {
            lock (_gate)
            {
                var first = _streams.SelectMany(stream => stream.Batches).Select(batch => batch.FirstAt)
                    .DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
                return first == DateTimeOffset.MaxValue ? null : first;
            }
        }
    }

    /// <summary>The sequence number up to which everything in a stream is confirmed.</summary>
    public ulong ConfirmedOf(int stream)
    {
        lock (_gate)
            return _streams[stream].Confirmed;
    }

    /// <summary>When the oldest unconfirmed batch was published on the current channel; <see langword="null"/> if there is none.</summary>
    public long? OldestPublishedAt() => PublishedAt(isOvertaken: false);

    /// <summary>
    /// The same for batches that another batch of the stream has overtaken: it was confirmed although it was published later.
    /// The cluster may have lost the first.
    /// </summary>
    public long? OvertakenPublishedAt() => PublishedAt(isOvertaken: true);

    /// <summary>All batches, to be published again. Confirmations of the earlier channel no longer count.</summary>
    public IReadOnlyList<PublishedBatch> Restart()
    {
        lock (_gate)
        {
            _byTag.Clear();
            _lowestTag = 1;
            var batches = _streams.SelectMany(stream => stream.Batches).OrderBy(batch => batch.Order).ToList();
            foreach (var batch in batches)
                (batch.PublishedAt, batch.IsConfirmed) = (null, false);
            return batches;
        }
    }

    public void Add(PublishedBatch batch)
    {
        lock (_gate)
        {
            batch.Order = _order++;
            _streams[batch.Partition].Batches.Enqueue(batch);
            _count++;
        }
    }

    /// <summary>Says that a batch is being published on the current channel.</summary>
    /// <param name="batch">The batch, which was added.</param>
    /// <param name="tag">The number of the message on the channel.</param>
    /// <param name="at">The time, as a timestamp of the clock.</param>
    public void OnPublishing(PublishedBatch batch, ulong tag, long at)
    {
        lock (_gate)
        {
            batch.PublishedAt = at;
            _byTag[tag] = batch;
        }
    }

    /// <summary>Handles a confirmation.</summary>
    /// <param name="tag">The number of the message on its channel.</param>
    /// <param name="includesEarlier">Whether all earlier messages of the channel are confirmed too.</param>
    /// <returns>The number of entries that need not be published again.</returns>
    public int Confirm(ulong tag, bool includesEarlier)
    {
        lock (_gate)
        {
            var entries = 0;
            if (includesEarlier)
            {
                for (; _lowestTag < tag; _lowestTag++)
                    entries += Confirm(_lowestTag);
            }

            entries += Confirm(tag);
            if (_count <= _awaitedCount)
            {
                _awaited?.TrySetResult();
                _awaited = null;
            }

            return entries;
        }
    }

    /// <summary>
    /// Waits until another batch may be added. When there are too many, that is until a sixteenth of them is confirmed: to be woken by each
    /// confirmation takes more time than a batch, and after a longer pause the cluster would wait. One caller at a time.
    /// </summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_count < limit)
                return Task.CompletedTask;
        }

        return WaitForAsync(limit * 15 / 16, cancellationToken);
    }

    /// <summary>Waits until all batches are confirmed. One caller at a time.</summary>
    public Task WaitForAllAsync(CancellationToken cancellationToken) => WaitForAsync(0, cancellationToken);

    private int Confirm(ulong tag)
    {
        if (!_byTag.Remove(tag, out var confirmed))
            return 0;
        confirmed.IsConfirmed = true;
        var (stream, entries) = (_streams[confirmed.Partition], 0);
        for (; stream.Batches.TryPeek(out var batch) && batch.IsConfirmed; stream.Batches.Dequeue())
        {
            stream.Confirmed = Math.Max(stream.Confirmed, batch.LastSequence);
            entries += batch.Entries;
            _count--;
        }

        return entries;
    }

    private long? PublishedAt(bool isOvertaken)
    {
        lock (_gate)
        {
            long? oldest = null;
            foreach (var stream in _streams)
            {
                // The first one is never confirmed.
                if (stream.Batches.TryPeek(out var first)
                    && first.PublishedAt is { } at
                    && !(at >= oldest)
                    && (!isOvertaken || stream.Batches.Any(batch => batch.IsConfirmed)))
                {
                    oldest = at;
                }
            }

            return oldest;
        }
    }

    private async Task WaitForAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task awaited;
            lock (_gate)
            {
                if (_count <= count)
                    return;
                _awaitedCount = count;
                awaited = (_awaited ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await awaited.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class StreamState
    {
        public Queue<PublishedBatch> Batches { get; } = [];

        public ulong Confirmed { get; set; }
    }
}
