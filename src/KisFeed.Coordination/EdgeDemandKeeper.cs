using System.Collections.Immutable;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Postgres;
using KisFeed.Coordination.Running;
using KisFeed.Coordination.Storing;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination;

/// <summary>
/// Tells the cluster which keys the consumers of an edge want, and the edge which of them an ingest has registered. Thread-safe.
/// </summary>
public sealed class EdgeDemandKeeper : IDemandActions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ICoordinationStore _store;
    private readonly CoordinationOptions _options;
    private readonly string _node;
    private readonly string _environment;
    private readonly TimeProvider _time;
    private readonly StoreCalls _calls;
    private readonly EdgeDemand _demand;
    private readonly ITimer _timer;
    private readonly ChangeListener _listener;
    private readonly Dictionary<ClusterKey, List<TaskCompletionSource<long>>> _waiters = [];
    private readonly Action<DemandChange> _changed;
    private bool _isDisposed;

    internal EdgeDemandKeeper(
        ICoordinationStore store, string environment, string node, CoordinationOptions options, Action<DemandChange> changed,
        TimeProvider time, ILogger logger)
    {
        _store = store;
        _environment = environment;
        _node = node;
        _options = options;
        _changed = changed;
        _time = time;
        _calls = new StoreCalls(_gate, time, options.EdgeTtl / 2, node, logger);
        _demand = new EdgeDemand(options.PollInterval, this);
        _timer = time.CreateTimer(
            static state => ((EdgeDemandKeeper)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
            _demand.Start(_calls.Now);
        _listener = new ChangeListener(store, OnChanged, time);
    }

    /// <summary>The number of keys that are wanted.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _demand.Count;
        }
    }

    /// <summary>The problem of the database; <see langword="null"/> if it answers.</summary>
    public string? Problem
    {
        get
        {
            lock (_gate)
                return _calls.Problem;
        }
    }

    /// <summary>Starts without demand.</summary>
    /// <param name="database">The database of the cluster.</param>
    /// <param name="environment">The service whose feeds are wanted.</param>
    /// <param name="node">The name of this process, unique for each start: <see cref="AppKeyLeaseKeeper.NewNode"/>.</param>
    /// <param name="options">The times and limits.</param>
    /// <param name="changed">Called when the state of a wanted key has changed. It must return at once and not call this object.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/> for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static EdgeDemandKeeper Start(
        ClusterDatabase database, KisEnvironment environment, string node, CoordinationOptions options, Action<DemandChange> changed,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentException.ThrowIfNullOrEmpty(node);
        options.Validate();
        return new EdgeDemandKeeper(
            database.Store, environment.ToString(), node, options, changed, TimeProvider.System,
            loggerFactory?.CreateLogger("KisFeed.Coordination") ?? NullLogger.Instance);
    }

    /// <summary>
    /// Adds a consumer of a key. Completes when an ingest has registered it. If that fails, or is cancelled, the consumer is removed again.
    /// </summary>
    /// <param name="feed">The feed. Order notices are not distributed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The epoch of the key: it increases with each change of holder.</returns>
    /// <exception cref="SubscribeRefusedException">The broker refused the key.</exception>
    /// <exception cref="RegistrationLimitException">No ingest has a free place.</exception>
    /// <exception cref="FeedNotAvailableException">The feed carries order notices.</exception>
    public async Task<long> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(key);
        if (feed.IsNotice)
        {
            throw new FeedNotAvailableException($"{feed.TrId} carries order notices, which are not distributed over a cluster: "
                + "use a gateway with the app key of their account");
        }
        var wanted = new ClusterKey(_environment, feed.TrId, key);
        var waiter = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_waiters.TryGetValue(wanted, out var waiters))
                _waiters.Add(wanted, waiters = []);
            waiters.Add(waiter);
            _demand.Add(wanted, _calls.Now);
            if (_demand.Find(wanted) is { } known)
                Answer(known);
        }

        try
        {
            return await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate)
            {
                if (_waiters.TryGetValue(wanted, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                    _waiters.Remove(wanted);
            }

            Remove(feed, key);
            throw;
        }
    }

    /// <summary>Removes a consumer of a key.</summary>
    public void Remove(FeedSchema feed, string key)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            if (!_isDisposed)
                _demand.Remove(new ClusterKey(_environment, feed.TrId, key), _calls.Now);
        }
    }

    /// <summary>Removes what the edge wants, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _demand.Stop();
            foreach (var waiter in _waiters.Values.SelectMany(static waiters => waiters))
                waiter.TrySetException(new ObjectDisposedException(nameof(EdgeDemandKeeper)));
            _waiters.Clear();
        }

        await _listener.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _calls.DisposeAsync().ConfigureAwait(false);
        using var timeout = new RequestCancellation(_options.PollInterval * 2, _time);
        try
        {
            await _store.RemoveEdgeAsync(_node, timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailure.IsExpected(e))
        {
            // Its demand expires.
        }
    }

    void IDemandActions.Sync(long sequence, bool isFull, ImmutableArray<ClusterKey> added, ImmutableArray<ClusterKey> removed) =>
        _calls.Start(
            token => _store.SyncEdgeAsync(
                new EdgeRequest(_node, sequence, isFull, added, removed, _options.EdgeTtl, _options.TakeoverDelay), token),
            answer => _demand.Answered(sequence, answer, _calls.Now),
            () => _demand.Failed(sequence, _calls.Now));

    void IDemandActions.SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - _calls.Now;
        if (!_isDisposed)
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    void IDemandActions.Changed(WantedKey wanted)
    {
        Answer(wanted);
        _changed(new DemandChange(wanted.Key, wanted.State, wanted.KeyEpoch, wanted.Code, wanted.Text));
    }

    private void Answer(WantedKey wanted)
    {
        if (wanted.State == DemandState.Waiting || !_waiters.Remove(wanted.Key, out var waiters))
            return;
        foreach (var waiter in waiters)
        {
            if (wanted.State == DemandState.Registered)
                waiter.TrySetResult(wanted.KeyEpoch);
            else
                waiter.TrySetException(ErrorOf(wanted));
        }
    }

    private static KisFeedException ErrorOf(WantedKey wanted) => wanted.State == DemandState.Refused
        ? new SubscribeRefusedException($"{wanted.Key.TrId} was refused: {wanted.Code} {wanted.Text}")
        {
            Code = new BrokerCode(wanted.Code),
            BrokerText = wanted.Text,
        }
        : new RegistrationLimitException("no ingest of the cluster has a free place: release a key, or add an app key");

    private void OnChanged(StoreChange change)
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _demand.Wake(_calls.Now);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _demand.TimerDue(_calls.Now);
        }
    }
}

/// <summary>The state of a key that an edge wants has changed.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">Its state.</param>
/// <param name="KeyEpoch">The epoch of the key: it increases with each change of holder.</param>
/// <param name="Code">The broker's code, if it refused the key.</param>
/// <param name="Text">The broker's text, if it refused the key.</param>
public sealed record DemandChange(ClusterKey Key, DemandState State, long KeyEpoch, string Code, string Text);
