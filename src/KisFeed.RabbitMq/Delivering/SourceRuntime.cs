using System.Threading.Channels;
using KisFeed.Client;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// The runtime of a source: reads each stream that has a wanted key, and fills taps. Everything is delivered under one lock, and no code under it waits.
/// </summary>
internal sealed partial class SourceRuntime : ITapSource, IAsyncDisposable
{
    private const int StatusCapacity = 64;

    private readonly Lock _gate = new();
    private readonly RabbitMqSourceOptions _options;
    private readonly Partitions _partitions;
    private readonly ILogger _logger;
    private readonly ReceiveClock _clock;
    private readonly TapDelivery _delivery;
    private readonly ClusterLink _link;
    private readonly SourceMetrics _metrics;
    private readonly Dictionary<int, SourceStream> _streams = [];
    private readonly Dictionary<string, FeedTotals> _totals = new(StringComparer.Ordinal);
    private readonly List<Channel<SessionStatus>> _observers = [];
    private readonly List<Task> _ending = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionLostException? _error;
    private Task? _disposing;
    private long _duplicates;
    private long _malformed;
    private bool _wasOpen;

    public SourceRuntime(RabbitMqSourceOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _partitions = new Partitions(options.Cluster.Prefix, options.Cluster.Partitions);
        _clock = new ReceiveClock(options.Cluster.TimeProvider);
        _delivery = new TapDelivery(options.Catalog, _partitions, _clock, options.Demand is null ? EndKey : null, logger);
        _link = new ClusterLink(this, options.Cluster, _partitions.NameOf(0), logger);
        _metrics = new SourceMetrics(options.Cluster, this);
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
            foreach (var observer in _observers)
                observer.Writer.TryComplete();
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
            foreach (var observer in _observers)
                observer.Writer.TryComplete();
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
}
