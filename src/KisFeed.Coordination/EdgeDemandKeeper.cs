using System.Collections.Immutable;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Running;
using KisFeed.Coordination.Storing;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination;

/// <summary>
/// Tells the cluster which keys the consumers of an edge want, and the edge which of them an ingest has registered. Thread-safe.
/// </summary>
public sealed class EdgeDemandKeeper : IKeyDemand, IDemandActions, IAsyncDisposable
{
    private readonly ICoordinationStore _store;
    private readonly CoordinationOptions _options;
    private readonly string _node;
    private readonly string _environment;
    private readonly MachineRunner _runner;
    private readonly EdgeDemand _demand;
    private readonly ChangeListener _listener;
    private readonly Dictionary<ClusterKey, List<TaskCompletionSource<uint>>> _waiters = [];

    private EdgeDemandKeeper(ClusterDatabase database, string environment, string node, CoordinationOptions options, ILogger logger)
    {
        _store = database.Store;
        (_environment, _node, _options) = (environment, node, options);
        _demand = new EdgeDemand(options.PollInterval, this);
        _runner = new MachineRunner(_demand.TimerDue, TimeProvider.System, options.EdgeTtl / 2, node, logger);
        _runner.Run(_demand.Start);
        _listener = new ChangeListener(_store, _ => _runner.Run(_demand.Wake), TimeProvider.System);
    }

    /// <inheritdoc />
    public event EventHandler<KeyRefusedEventArgs>? Refused;

    /// <summary>Starts without demand.</summary>
    /// <param name="database">The database of the cluster.</param>
    /// <param name="environment">The service whose feeds are wanted.</param>
    /// <param name="node">The name of this process, unique for each start: <see cref="AppKeyLeaseKeeper.NewNode"/>.</param>
    /// <param name="options">The times and limits.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/> for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static EdgeDemandKeeper Start(
        ClusterDatabase database, KisEnvironment environment, string node, CoordinationOptions options,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(node);
        options.Validate();
        return new EdgeDemandKeeper(
            database, environment.ToString(), node, options,
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
    /// <exception cref="RegistrationLimitException">No ingest has a free slot.</exception>
    /// <exception cref="FeedNotAvailableException">The feed carries order notices.</exception>
    public async Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(key);
        if (feed.IsNotice)
        {
            throw new FeedNotAvailableException($"{feed.TrId} carries order notices, which are not distributed over a cluster: "
                + "use a gateway with the app key of their account");
        }
        var wanted = new ClusterKey(_environment, feed.TrId, key);
        var waiter = new TaskCompletionSource<uint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRunning = _runner.Run(now =>
        {
            if (!_waiters.TryGetValue(wanted, out var waiters))
                _waiters.Add(wanted, waiters = []);
            waiters.Add(waiter);
            _demand.Add(wanted, now);
            if (_demand.Find(wanted) is { } known)
                Answer(known);
        });
        ObjectDisposedException.ThrowIf(!isRunning, this);
        try
        {
            return await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _runner.Run(now =>
            {
                if (_waiters.TryGetValue(wanted, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                    _waiters.Remove(wanted);
                _demand.Remove(wanted, now);
            });
            throw;
        }
    }

    /// <summary>Removes a consumer of a key. Completes at once.</summary>
    public Task RemoveAsync(FeedSchema feed, string key)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(key);
        _runner.Run(now => _demand.Remove(new ClusterKey(_environment, feed.TrId, key), now));
        return Task.CompletedTask;
    }

    /// <summary>Removes what the edge wants, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        var isFirst = _runner.TryStop(() =>
        {
            _demand.Stop();
            foreach (var waiter in _waiters.Values.SelectMany(static waiters => waiters))
                waiter.TrySetException(new ObjectDisposedException(nameof(EdgeDemandKeeper)));
        });
        if (!isFirst)
            return;
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _runner.DisposeAsync().ConfigureAwait(false);
        await _runner.TryLastAsync(token => _store.RemoveEdgeAsync(_node, token), _options.PollInterval * 2).ConfigureAwait(false);
    }

    void IDemandActions.Sync(long sequence, bool isFull, ImmutableArray<ClusterKey> added, ImmutableArray<ClusterKey> removed) =>
        _runner.Start(
            token => _store.SyncEdgeAsync(
                new EdgeRequest(_node, sequence, isFull, added, removed, _options.EdgeTtl, _options.TakeoverDelay), token),
            (answer, now) => _demand.Answered(sequence, answer, now),
            now => _demand.Failed(sequence, now));

    void IDemandActions.SetTimer(TimeSpan dueAt) => _runner.SetTimer(dueAt);

    void IDemandActions.Changed(WantedKey wanted)
    {
        Answer(wanted);
        if (wanted.State == DemandState.Refused)
            _ = Task.Run(() => Refused?.Invoke(this, new KeyRefusedEventArgs(wanted.Key.TrId, wanted.Key.Key, ErrorOf(wanted))));
    }

    private void Answer(WantedKey wanted)
    {
        if (wanted.State == DemandState.Waiting || !_waiters.Remove(wanted.Key, out var waiters))
            return;
        foreach (var waiter in waiters)
        {
            if (wanted.State == DemandState.Registered)
                waiter.TrySetResult(checked((uint)wanted.KeyEpoch));
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
        : new RegistrationLimitException("no ingest of the cluster has a free slot: release a key, or add an app key");
}
