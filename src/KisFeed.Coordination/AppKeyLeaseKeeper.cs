using System.Security.Cryptography;
using System.Text;
using KisFeed.Client;
using KisFeed.Coordination.Leases;
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

    private readonly MachineRunner _runner;
    private readonly AppKeyLease _lease;
    private readonly List<Action> _after = [];
    private readonly List<TaskCompletionSource<CancellationToken>> _waiters = [];
    private CancellationTokenSource _tenure = new();
    private Task _released = Task.CompletedTask;
    private long _maySendUntil;

    internal AppKeyLeaseKeeper(
        ICoordinationStore store, string appKeyHash, string environment, string node, CoordinationOptions options, TimeProvider time,
        ILogger logger)
    {
        (Store, AppKeyHash, Environment, Node, Options, Time, Logger) = (store, appKeyHash, environment, node, options, time, logger);
        _lease = new AppKeyLease(options, this);
        _runner = new MachineRunner(_lease.TimerDue, time, options.LeaseTtl / 3, Name, logger) { AfterEvent = OnHandled };
        _runner.Run(_lease.Start);
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
    public long Epoch => _runner.Read(() => _lease.Epoch);

    /// <summary>The problem of the database; <see langword="null"/> if it answers.</summary>
    public string? Problem => _runner.Problem;

    /// <inheritdoc />
    /// <remarks>Waits for no lock: a client asks under its own, and the lock of the lease is held while others are told about it.</remarks>
    public bool MaySend => _runner.Now.Ticks < Volatile.Read(ref _maySendUntil);

    /// <inheritdoc />
    public string Awaited => "the lease of its app key";

    internal string Environment { get; }

    internal CoordinationOptions Options { get; }

    internal ICoordinationStore Store { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

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
    public void Wake() => _runner.Run(_lease.Wake);

    /// <inheritdoc />
    public Task<CancellationToken> WaitForAttemptAsync(CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        _runner.Run(now =>
        {
            _waiters.Add(waiter);
            _lease.RequestAttempt(now);
        });
        return WaitAsync(waiter, cancellationToken);
    }

    /// <inheritdoc />
    public void OnConnected() => Post(_lease.Connected);

    /// <inheritdoc />
    public void OnHalted() => Resign();

    /// <summary>
    /// Leaves the app key to other processes for as long as this one runs, for example because it cannot publish any more. The session is
    /// dropped, and another process can take the lease when it has expired.
    /// </summary>
    public void Resign() => Post(now => _lease.SetUsable(false, now));

    /// <summary>Gives the lease back. The session must be closed already.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_runner.TryStop(_lease.Stop))
            return;
        Volatile.Write(ref _maySendUntil, 0);
        await _released.ConfigureAwait(false);
        await _runner.DisposeAsync().ConfigureAwait(false);
        await _tenure.CancelAsync().ConfigureAwait(false);
        _tenure.Dispose();
    }

    void ILeaseActions.Send(LeaseCall call)
    {
        switch (call.Kind)
        {
            case LeaseCallKind.Release:
                _released = _runner.TryLastAsync(
                    token => Store.ReleaseLeaseAsync(AppKeyHash, Node, call.Epoch, token), Options.LeaseTtl);
                break;
            case LeaseCallKind.RecordAttempt:
                _runner.Start(
                    token => Store.RecordAttemptAsync(new AttemptRequest(AppKeyHash, Node, call.Epoch, Options.Attempts), token),
                    (answer, now) => _lease.AttemptAnswered(call.Number, answer, now),
                    now => _lease.Failed(call.Number, now));
                break;
            default:
                _runner.Start(
                    token => Store.LeaseAsync(
                        new LeaseRequest(AppKeyHash, Environment, Node, call.Number, call.Epoch, Options.LeaseTtl, call.Attempts), token),
                    (answer, now) => _lease.Answered(call.Number, answer, now),
                    now => _lease.Failed(call.Number, now));
                break;
        }
    }

    void ILeaseActions.SetTimer(TimeSpan dueAt) => _runner.SetTimer(dueAt);

    void ILeaseActions.Acquired(long epoch)
    {
        CoordinationLog.LeaseAcquired(Logger, Name, epoch);
        _tenure = new CancellationTokenSource();
        _after.Add(() => Acquired?.Invoke(epoch));
    }

    void ILeaseActions.StandDown(StandDownReason reason)
    {
        CoordinationLog.StandsDown(Logger, Name, reason switch
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
            _runner.Run(_ =>
            {
                _waiters.Remove(waiter);
                if (_waiters.Count == 0)
                    _lease.CancelAttempt();
            });
            throw;
        }
    }

    // For callers that may hold locks of their own.
    private void Post(Action<TimeSpan> leaseEvent) => _ = Task.Run(() => _runner.Run(leaseEvent));

    // What the machine reports runs after it: it must not be called back while it handles an event.
    private void OnHandled()
    {
        Volatile.Write(ref _maySendUntil, _lease.MaySendUntil.Ticks);
        while (_after.Count > 0)
        {
            var next = _after[0];
            _after.RemoveAt(0);
            next();
        }
    }
}
