using System.Security.Cryptography;
using System.Text;
using KisFeed.Client;
using KisFeed.Coordination.Leases;
using KisFeed.Coordination.Postgres;
using KisFeed.Coordination.Running;
using KisFeed.Coordination.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Coordination;

/// <summary>
/// Acquires and renews the lease of an app key, and is the permit of its session. Of all processes that have a keeper for an app key, one
/// holds the lease. Dispose it after the client, so that the lease is given back only when the session is closed.
/// </summary>
public sealed class AppKeyLeaseKeeper : ISessionPermit, ILeaseActions, IAsyncDisposable
{
    private const int HashBytes = 8;

    private readonly Lock _gate = new();
    private readonly ICoordinationStore _store;
    private readonly CoordinationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StoreCalls _calls;
    private readonly AppKeyLease _lease;
    private readonly ITimer _timer;
    private readonly List<Action> _after = [];
    private readonly List<TaskCompletionSource<CancellationToken>> _waiters = [];
    private CancellationTokenSource _tenure = new();
    private Task? _released;
    private long _maySendUntil;
    private bool _isDisposed;

    internal AppKeyLeaseKeeper(
        ICoordinationStore store, string appKeyHash, string environment, string node, CoordinationOptions options, TimeProvider time,
        ILogger logger)
    {
        _store = store;
        AppKeyHash = appKeyHash;
        Environment = environment;
        Node = node;
        _options = options;
        _time = time;
        _logger = logger;
        _calls = new StoreCalls(_gate, time, options.LeaseTtl / 3, Name, logger);
        _lease = new AppKeyLease(
            new LeaseSettings
            {
                Ttl = options.LeaseTtl,
                SafetyMargin = options.SafetyMargin,
                WhenStoreIsAway = options.WhenStoreIsAway,
                TakeoverDelay = options.TakeoverDelay,
            },
            this);
        _timer = time.CreateTimer(
            static state => ((AppKeyLeaseKeeper)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Run(() => _lease.Start(_calls.Now));
    }

    /// <summary>Called when this process acquires the lease, with its epoch. Under the lock: it must return at once.</summary>
    internal Action<long>? Acquired { get; set; }

    /// <summary>Called when this process loses the lease, after the session was told. Under the lock: it must return at once.</summary>
    internal Action? Lost { get; set; }

    /// <summary>The hash of the app key.</summary>
    public string AppKeyHash { get; }

    /// <summary>The name of this process, unique for each start.</summary>
    public string Node { get; }

    /// <summary>The epoch of the lease; 0 while another process holds it.</summary>
    public long Epoch
    {
        get
        {
            lock (_gate)
                return _lease.Epoch;
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

    /// <inheritdoc />
    /// <remarks>Waits for no lock: a client asks under its own, and the lock of the lease is held while others are told about it.</remarks>
    public bool MaySend => _calls.Now.Ticks < Volatile.Read(ref _maySendUntil);

    /// <inheritdoc />
    public string Awaited => "the lease of its app key";

    internal string Environment { get; }

    internal CoordinationOptions Options => _options;

    internal ICoordinationStore Store => _store;

    internal TimeProvider Time => _time;

    internal ILogger Logger => _logger;

    internal string Name => $"{Node} (app key {AppKeyHash})";

    /// <summary>Starts to acquire the lease of an app key.</summary>
    /// <param name="database">The database of the cluster.</param>
    /// <param name="credentials">The app key.</param>
    /// <param name="environment">The service of the app key.</param>
    /// <param name="node">The name of this process, unique for each start: <see cref="NewNode"/>.</param>
    /// <param name="options">The times and limits.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/> for nowhere.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static AppKeyLeaseKeeper Start(
        ClusterDatabase database, AppCredentials credentials, KisEnvironment environment, string node, CoordinationOptions options,
        ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(credentials);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(node);
        options.Validate();
        var logger = loggerFactory?.CreateLogger("KisFeed.Coordination") ?? NullLogger.Instance;
        return new AppKeyLeaseKeeper(
            database.Store, HashOf(credentials.AppKey), environment.ToString(), node, options, BootTimeProvider.Instance, logger);
    }

    /// <summary>The hash that stands for an app key in the database: 16 hexadecimal digits of SHA-256.</summary>
    public static string HashOf(string appKey) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(appKey ?? ""))[..HashBytes]);

    /// <summary>Returns a name for this process that no other process has: the given name, and a random suffix.</summary>
    public static string NewNode(string name) => $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    /// <summary>The lease has perhaps become free.</summary>
    public void Wake() => Run(() => _lease.Wake(_calls.Now));

    /// <inheritdoc />
    public Task<CancellationToken> WaitForAttemptAsync(CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(() =>
        {
            _waiters.Add(waiter);
            _lease.RequestAttempt(_calls.Now);
        });
        return WaitAsync(waiter, cancellationToken);
    }

    /// <inheritdoc />
    public void OnConnected() => Post(() => _lease.Connected(_calls.Now));

    /// <inheritdoc />
    public void OnHalted() => Resign();

    /// <summary>
    /// Leaves the app key to other processes for as long as this one runs, for example because it cannot publish any more. The session is
    /// dropped, and another process can take the lease when it has expired.
    /// </summary>
    public void Resign() => Post(() => _lease.SetUsable(false, _calls.Now));

    /// <summary>Gives the lease back. The session must be closed already.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _lease.Stop();
            Volatile.Write(ref _maySendUntil, 0);
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await (_released ?? Task.CompletedTask).ConfigureAwait(false);
        await _calls.DisposeAsync().ConfigureAwait(false);
        await _tenure.CancelAsync().ConfigureAwait(false);
        _tenure.Dispose();
    }

    void ILeaseActions.Send(LeaseCall call)
    {
        switch (call.Kind)
        {
            case LeaseCallKind.Release:
                _released = ReleaseAsync(call.Epoch);
                break;
            case LeaseCallKind.RecordAttempt:
                _calls.Start(
                    token => _store.RecordAttemptAsync(new AttemptRequest(AppKeyHash, Node, call.Epoch, _options.Attempts), token),
                    answer => Run(() => _lease.AttemptAnswered(call.Number, answer, _calls.Now)),
                    () => Run(() => _lease.Failed(call.Number, _calls.Now)));
                break;
            default:
                _calls.Start(
                    token => _store.LeaseAsync(
                        new LeaseRequest(AppKeyHash, Environment, Node, call.Number, call.Epoch, _options.LeaseTtl, call.Attempts), token),
                    answer => Run(() => _lease.Answered(call.Number, answer, _calls.Now)),
                    () => Run(() => _lease.Failed(call.Number, _calls.Now)));
                break;
        }
    }

    void ILeaseActions.SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - _calls.Now;
        if (!_isDisposed)
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    void ILeaseActions.Acquired(long epoch)
    {
        CoordinationLog.LeaseAcquired(_logger, Name, epoch);
        _tenure = new CancellationTokenSource();
        _after.Add(() => Acquired?.Invoke(epoch));
    }

    void ILeaseActions.StandDown(StandDownReason reason)
    {
        CoordinationLog.StandsDown(_logger, Name, reason switch
        {
            StandDownReason.Expired => "it could not be renewed in time",
            StandDownReason.Superseded => "another process holds it",
            StandDownReason.Unconnected => "its session could not connect, and another process may be able to",
            _ => "its session or its publisher has ended",
        });
        var tenure = _tenure;

        // First the session, which must close before the row expires.
        _after.Add(() => _ = Task.Run(tenure.Cancel));
        _after.Add(() => Lost?.Invoke());
    }

    void ILeaseActions.GrantAttempt()
    {
        var tenure = _tenure.Token;
        TaskCompletionSource<CancellationToken>[] waiters = [.. _waiters];
        _waiters.Clear();
        _after.Add(() => Array.ForEach(waiters, waiter => waiter.TrySetResult(tenure)));
    }

    private async Task<CancellationToken> WaitAsync(TaskCompletionSource<CancellationToken> waiter, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
                if (_waiters.Count == 0)
                    _lease.CancelAttempt();
            }

            throw;
        }
    }

    private async Task ReleaseAsync(long epoch)
    {
        using var timeout = new RequestCancellation(_options.LeaseTtl, _time);
        try
        {
            await _store.ReleaseLeaseAsync(AppKeyHash, Node, epoch, timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailure.IsExpected(e))
        {
            // The lease expires by itself.
        }
    }

    private void OnTimer() => Run(() => _lease.TimerDue(_calls.Now));

    // For callers that may hold locks of their own.
    private void Post(Action action) => _ = Task.Run(() => Run(action));

    // What the machine reports runs after it: it must not be called back while it handles an event.
    private void Run(Action action)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            action();
            Volatile.Write(ref _maySendUntil, _lease.MaySendUntil.Ticks);
            while (_after.Count > 0)
            {
                var next = _after[0];
                _after.RemoveAt(0);
                next();
            }
        }
    }
}
