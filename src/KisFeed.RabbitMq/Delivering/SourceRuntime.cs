using KisFeed.Capture.Recording;
using KisFeed.Client;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// The runtime of a source: reads each stream that has a wanted key, and fills taps. Everything is delivered under
/// one lock, and no code under it waits.
/// </summary>
internal sealed class SourceRuntime : ITapSource, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RabbitMqSourceOptions _options;
    private readonly Partitions _partitions;
    private readonly ILogger _logger;
    private readonly ReceiveClock _clock;
    private readonly TapDelivery _delivery;
    private readonly ClusterLink _link;
    private readonly StatusMeter<SourceRuntime> _metrics;
    private readonly Dictionary<int, SourceStream> _streams = [];
    private readonly Dictionary<string, FeedTotals> _totals = new(StringComparer.Ordinal);
    private readonly StatusObservers<SessionStatus> _observers = new();
    private readonly List<Task> _ending = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionLostException? _error;
    private Task? _disposing;
    private long _duplicates;
    private long _malformed;
    private bool _wasOpen;
    private readonly Dictionary<(string TrId, string Key), KeyAttachments> _entries = [];
    private readonly Dictionary<(string TrId, string Key), Task> _releasing = [];

    public SourceRuntime(RabbitMqSourceOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _partitions = new Partitions(options.Cluster.Prefix, options.Cluster.Partitions);
        _clock = new ReceiveClock(options.Cluster.TimeProvider);
        _delivery = new TapDelivery(options.Catalog, _partitions, _clock, options.Demand is null ? EndKey : null, logger);
        _link = new ClusterLink(this, options.Cluster, _partitions.Names[0], logger);
        _metrics = SourceMetrics.Create(options.Cluster, this);
        if (options.Demand is { } demand)
            demand.Refused += OnRefused;
    }

    /// <summary>Completes when the source has ended.</summary>
    public Task Ended => _ended.Task;

    public DateTimeOffset Now => _options.Cluster.TimeProvider.GetUtcNow();

    public TimeSpan? Lag
    {
        get
        {
            lock (_gate)
                return _delivery.Lag;
        }
    }

    /// <summary>Frames that wait in the queues of all taps.</summary>
    public long TapDepth
    {
        get
        {
            lock (_gate)
                return _delivery.Taps.Sum(static tap => (long)tap.Depth);
        }
    }

    public long Duplicates
    {
        get
        {
            lock (_gate)
                return _duplicates + _streams.Values.Sum(stream => stream.Delivery.Entries.Duplicates);
        }
    }

    public long Malformed
    {
        get
        {
            lock (_gate)
                return _malformed + _streams.Values.Sum(stream => stream.Delivery.Entries.Malformed);
        }
    }

    public void Start() => _link.Start();

    public FeedTotals TotalsOf(FeedSchema feed)
    {
        lock (_gate)
        {
            if (!_totals.TryGetValue(feed.TrId, out var totals))
                _totals.Add(feed.TrId, totals = new FeedTotals());
            return totals;
        }
    }

    /// <summary>Opens a queue that receives frames and events from now on.</summary>
    public TapQueue OpenTap(FrameTapOptions options)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            var tap = new TapQueue(options, _clock, _delivery.Wakeups);
            if (_wasOpen)
                tap.Write(new SessionConnected { At = tap.Now, Session = RabbitMqSource.SessionName });
            _delivery.AddTap(tap);
            if (_error is not null)
                tap.Complete(_error);
            return tap;
        }
    }

    public void Complete(IFrameReceiver receiver, Exception error)
    {
        lock (_gate)
            receiver.Complete(error);
    }

    public async Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached)
    {
        var own = attached.Cast<SourceAttachment>().ToList();
        lock (_gate)
        {
            own.ForEach(Detach);
            tap.Complete(null);
            _delivery.RemoveTap(tap);
        }

        await Task.WhenAll(own.Select(attachment => attachment.Key.Released)).ConfigureAwait(false);
    }

    /// <summary>Delivers a message of a stream.</summary>
    /// <returns>The tap that the stream must wait for, before the next message; <see langword="null"/> if there is none.</returns>
    public TapBackpressure? Deliver(StreamDelivery stream, in StreamMessage message, DateTimeOffset? from)
    {
        AsyncWaiter[] readers;
        TapBackpressure? congested;
        lock (_gate)
        {
            if (_disposing is not null || stream.IsEmpty)
                return null;
            if (stream.Deliver(message, from))
                NotifyObservers();
            readers = _delivery.Wakeups.Take();
            congested = _delivery.Congested;
        }

        // Some run here, and need the lock themselves.
        foreach (var reader in readers)
            reader.SetHere();
        return congested is { IsCongested: true } ? congested : null;
    }

    /// <summary>Waits for the readers of all taps that are behind.</summary>
    /// <param name="congested">The first of them.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task WaitAsync(TapBackpressure congested, CancellationToken cancellationToken)
    {
        for (var next = congested; next is not null;)
        {
            await next.WaitAsync(_options.Cluster.TimeProvider, cancellationToken).ConfigureAwait(false);
            lock (_gate)
                next = _delivery.Congested;
        }
    }

    /// <summary>A batch says where the data of its source come from.</summary>
    public void SetData(StreamBatch batch)
    {
        lock (_gate)
        {
            if (_delivery.SetData(batch.Origin.Source, batch.Data))
                NotifyObservers();
        }
    }

    /// <summary>A connection was established or lost, or could not be.</summary>
    public void OnStateChanged()
    {
        lock (_gate)
        {
            foreach (var stream in _streams.Values)
                stream.Update();
            UpdateSession();
        }
    }

    /// <summary>Ends the source, because retrying cannot help.</summary>
    public void End(string problem, Exception cause)
    {
        lock (_gate)
        {
            if (_error is not null || _disposing is not null)
                return;
            _error = new ConnectionLostException(problem, cause);
            foreach (var key in _entries.Values.ToArray())
                End(key, _error);
            foreach (var tap in _delivery.Taps)
                tap.Complete(_error);
            NotifyObservers();
            _observers.End();
            _ended.TrySetException(_error);
            _ = _ended.Task.Exception;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposing ??= Task.Run(DisposeOnceAsync));
    }

    private async Task DisposeOnceAsync()
    {
        List<Task> ending;
        lock (_gate)
        {
            foreach (var key in _entries.Values.ToArray())
                End(key, null);
            foreach (var tap in _delivery.Taps)
                tap.Complete(null);
            _observers.End();
            ending = [.. _ending];
            _ended.TrySetResult();
        }

        _metrics.Dispose();
        if (_options.Demand is { } demand)
            demand.Refused -= OnRefused;
        await _link.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    private void ThrowIfDisposed()
    {
#pragma warning disable CA1513 // By its name: the source uses this namespace, so this namespace does not use the source.
        if (_disposing is not null)
            throw new ObjectDisposedException("KisFeed.RabbitMq.RabbitMqSource");
#pragma warning restore CA1513
    }

    // The keys and those who want them.

    public async Task<ISubscriptionSource> AttachAsync(
        FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (feed.IsNotice)
        {
            throw new FeedNotAvailableException(
                $"{feed.TrId}: order notices are not published to a cluster; connect to the gateway that has the session of the account");
        }
        SourceAttachment attachment;
        lock (_gate)
        {
            ThrowIfDisposed();
            if (_error is not null)
            {
                throw new ConnectionLostException(
                    $"{feed.TrId} cannot be subscribed to, because the cluster cannot be read: {_error.Message}", _error);
            }
            attachment = Attach(feed, key, receiver);
        }

        try
        {
            await attachment.Key.Ready.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (attachment.Key.Error is { } error)
                    throw error;
                if (attachment.IsDetached)
                    throw new OperationCanceledException();
                Confirm(attachment.Key);
            }

            return attachment;
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
                Detach(attachment);
            cancellationToken.ThrowIfCancellationRequested();
            if (attachment.Key.Error is { } error)
                throw error;
            throw new ObjectDisposedException("KisFeed.RabbitMq.RabbitMqSource", "the source was disposed while a key was being added");
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                if (!attachment.IsDetached)
                    End(attachment.Key, e);
            }

            throw;
        }
    }

    /// <summary>Detaches from a key. Completes when the key is released, if nobody else wants it.</summary>
    public async Task DetachAsync(SourceAttachment attachment, CancellationToken cancellationToken)
    {
        lock (_gate)
            Detach(attachment);
        await attachment.Key.Released.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private SourceAttachment Attach(FeedSchema feed, string key, IFrameReceiver receiver)
    {
        var id = (feed.TrId, key);
        if (!_entries.TryGetValue(id, out var entry))
        {
            if (_entries.Count >= _options.MaxKeys)
                throw new RegistrationLimitException($"the source has {_options.MaxKeys} keys, which is its limit: release one");
            entry = new KeyAttachments(_delivery.Add(feed, key)) { Earlier = _releasing.GetValueOrDefault(id, Task.CompletedTask) };
            _entries.Add(id, entry);
            entry.Ready = MakeReadyAsync(entry, OpenStream(entry.Key.Partition));
        }

        var attachment = new SourceAttachment(this, entry, receiver);
        entry.Attachments.Add(attachment);
        NotifyObservers();
        return attachment;
    }

    // All at once, in the order in which they attached: a recorder has the key no later than the consumers that attached after it.
    private void Confirm(KeyAttachments entry)
    {
        foreach (var attachment in entry.Attachments.Where(attachment => !attachment.IsConfirmed))
        {
            entry.Key.Confirm(
                attachment.Receiver, RabbitMqSource.SessionName, _clock.EventAt(), _delivery.StreamOf(entry.Key.Partition).IsBehind);
            attachment.IsConfirmed = true;
        }

        NotifyObservers();
    }

    private SourceStream OpenStream(int partition)
    {
        if (_streams.TryGetValue(partition, out var stream))
            return stream;
        stream = new SourceStream(this, _options, _partitions.Names[partition], _delivery.StreamOf(partition), _logger);
        _streams.Add(partition, stream);
        stream.Start();
        return stream;
    }

    // The stream is read before others are asked for the key, so that its first frame is not missed.
    private async Task MakeReadyAsync(KeyAttachments entry, SourceStream stream)
    {
        var cancellation = entry.Cancellation.Token;
        await Task.Yield();
        await entry.Earlier.WaitAsync(cancellation).ConfigureAwait(false);
        Task opened;
        lock (_gate)
            opened = stream.Opened;
        await opened.WaitAsync(cancellation).ConfigureAwait(false);
        if (_options.Demand is not { } demand)
            return;
        entry.IsDemanded = true;
        var epoch = await demand.AddAsync(entry.Key.Feed, entry.Key.Key, cancellation).ConfigureAwait(false);

        // What an earlier publisher sends late must not count as current data.
        lock (_gate)
            entry.Key.Ownership.Expect(epoch);
    }

    private void Detach(SourceAttachment attachment)
    {
        var entry = attachment.Key;
        if (attachment.IsDetached)
            return;
        attachment.IsDetached = true;
        entry.Attachments.Remove(attachment);
        entry.Key.Remove(attachment.Receiver);
        attachment.Receiver.Complete(null);
        if (entry.Attachments.Count == 0)
            Remove(entry);
    }

    private void OnRefused(object? sender, KeyRefusedEventArgs e)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((e.TrId, e.Key), out var entry))
                End(entry, e.Refusal);
            _delivery.Wakeups.Flush();
        }
    }

    private void EndKey(DeliveredKey key, KisFeedException error) => End(_entries[(key.Feed.TrId, key.Key)], error);

    private void End(KeyAttachments entry, Exception? error)
    {
        entry.Error = error;
        foreach (var attachment in entry.Attachments)
        {
            attachment.IsDetached = true;
            attachment.Receiver.Complete(error);
        }

        entry.Attachments.Clear();
        entry.Key.Clear();
        Remove(entry);
    }

    private void Remove(KeyAttachments entry)
    {
        var id = (entry.Key.Feed.TrId, entry.Key.Key);
        _entries.Remove(id);
        SourceStream? unused = null;
        if (_delivery.Remove(entry.Key) && _streams.Remove(entry.Key.Partition, out unused))
        {
            _duplicates += unused.Delivery.Entries.Duplicates;
            _malformed += unused.Delivery.Entries.Malformed;
        }

        entry.Released = Task.Run(() => ReleaseAsync(entry, unused));
        _releasing[id] = entry.Released;
        _ending.Add(entry.Released);
        UpdateSession();
    }

    private async Task ReleaseAsync(KeyAttachments entry, SourceStream? unused)
    {
        await entry.Cancellation.CancelAsync().ConfigureAwait(false);
        await entry.Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (unused is not null)
            await unused.DisposeAsync().ConfigureAwait(false);

        // Otherwise the release before this one could remove the demand of the next who want the key.
        await entry.Earlier.ConfigureAwait(false);
        if (entry.IsDemanded)
        {
            try
            {
                await _options.Demand!.RemoveAsync(entry.Key.Feed, entry.Key.Key).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The demand ends with its lease; the key must be free to be added again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                SourceLog.NotReleased(_logger, entry.Key.Feed.TrId, e);
            }
        }

        lock (_gate)
        {
            var id = (entry.Key.Feed.TrId, entry.Key.Key);
            if (_releasing.TryGetValue(id, out var releasing) && releasing == entry.Released)
                _releasing.Remove(id);
            _ending.Remove(entry.Released);
        }

        entry.Cancellation.Dispose();
    }

    // The connections as a session.

    private bool IsOpen => _error is null && _link.Connection.IsOpen && _streams.Values.All(stream => stream.Connection.IsOpen);

    // A stream that is being opened for a new key is not a problem.
    private string? Problem =>
        _error?.Message ?? _link.Connection.Problem
        ?? _streams.Values.Select(stream => stream.Connection.Problem).FirstOrDefault(problem => problem is not null);

    public IReadOnlyList<RegistrationStatus> Registrations()
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Values.Select(key => new RegistrationStatus(key.Key.Feed.TrId, key.Key.Key, StateOf(key), key.Attachments.Count)
                {
                    Session = RabbitMqSource.SessionName,
                }),
            ];
        }
    }

    /// <summary>What was counted of each feed.</summary>
    public IReadOnlyList<(string TrId, FeedTotals Totals)> Totals()
    {
        lock (_gate)
            return [.. _totals.Select(feed => (feed.Key, feed.Value))];
    }

    public SessionStatus Status()
    {
        lock (_gate)
            return StatusOf();
    }

    /// <summary>The status now and after each change.</summary>
    public IAsyncEnumerable<SessionStatus> WatchAsync(CancellationToken cancellationToken) => _observers.ReadAsync(
        () =>
        {
            lock (_gate)
                return _observers.Add(() => [StatusOf()]);
        },
        cancellationToken);

    private SessionStatus StatusOf()
    {
        var phase = PhaseOf();
        return new SessionStatus
        {
            Name = RabbitMqSource.SessionName,
            Phase = phase,
            Desired = _entries.Count,
            Confirmed = _entries.Values.Count(key => StateOf(key) == RegistrationState.Registered),
            Slots = _options.MaxKeys,
            Connections = _link.Connection.Connections,
            Failures = phase == SessionPhase.Open ? 0 : Math.Max(_link.Connection.Failures, Problem is null ? 0 : 1),
            LastReceivedAt = phase == SessionPhase.Open ? _delivery.LastReceivedAt : null,
            LastDataAt = phase == SessionPhase.Open ? _delivery.LastReceivedAt : null,
            Problem = phase == SessionPhase.Open ? null : Problem,
            HaltReason = _error is null ? null : HaltReason.BadCredentials,
            Source = _delivery.Data,
        };
    }

    private SessionPhase PhaseOf()
    {
        if (_error is not null)
            return SessionPhase.Halted;
        if (_disposing is not null)
            return SessionPhase.Ended;
        if (Problem is not null)
            return SessionPhase.Waiting;
        return _link.Connection.IsOpen ? SessionPhase.Open : SessionPhase.Connecting;
    }

    private RegistrationState StateOf(KeyAttachments key)
    {
        if (!key.Ready.IsCompletedSuccessfully)
            return RegistrationState.Registering;
        return _streams.TryGetValue(key.Key.Partition, out var stream) && stream.Connection.IsOpen
            ? RegistrationState.Registered
            : RegistrationState.Queued;
    }

    private void UpdateSession()
    {
        if (_disposing is not null || _error is not null)
            return;
        var isOpen = PhaseOf() == SessionPhase.Open;
        if (isOpen != _wasOpen)
        {
            _wasOpen = isOpen;
            _delivery.Notify(isOpen
                ? new SessionConnected { At = _clock.EventAt(), Session = RabbitMqSource.SessionName }
                : new SessionLost
                {
                    At = _clock.EventAt(),
                    Session = RabbitMqSource.SessionName,
                    Problem = Problem ?? "the connection to the cluster was lost",
                });
        }

        NotifyObservers();
    }

    private void NotifyObservers()
    {
        if (!_observers.IsEmpty)
            _observers.Publish(StatusOf());
    }
}

/// <summary>A key and those who want it. Guarded by the lock of the source.</summary>
internal sealed class KeyAttachments(DeliveredKey key)
{
    public DeliveredKey Key => key;

    public List<SourceAttachment> Attachments { get; } = [];

    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The release of the key by those who wanted it before.</summary>
    public required Task Earlier { get; init; }

    /// <summary>Completes when frames may follow; fails if they never will.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Completes when nobody is asked for the key any more, or is complete while somebody here wants it.</summary>
    public Task Released { get; set; } = Task.CompletedTask;

    /// <summary>Whether others were asked for the key.</summary>
    public bool IsDemanded { get; set; }

    /// <summary>Why the key has ended.</summary>
    public Exception? Error { get; set; }
}

/// <summary>A consumer's hold on a key.</summary>
internal sealed class SourceAttachment(SourceRuntime runtime, KeyAttachments key, IFrameReceiver receiver) : ISubscriptionSource
{
    public FeedSchema Feed => key.Key.Feed;

    string ISubscriptionSource.Key => key.Key.Key;

    public KeyAttachments Key => key;

    public IFrameReceiver Receiver => receiver;

    public bool IsConfirmed { get; set; }

    public bool IsDetached { get; set; }

    public Task EndAsync(CancellationToken cancellationToken) => runtime.DetachAsync(this, cancellationToken);
}
