using System.Collections.Immutable;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Running;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination;

/// <summary>
/// Claims keys for an app key while this process holds its lease, and has them registered and released. Dispose it before the client
/// and before the keeper of the lease.
/// </summary>
public sealed class PlacementKeeper : IPlacementActions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly AppKeyLeaseKeeper _lease;
    private readonly IKeyRegistrar _keys;
    private readonly IngestPlacement _placement;
    private readonly StoreCalls _calls;
    private readonly PlacementRules _rules;
    private readonly ChangeListener _listener;
    private readonly ITimer _timer;
    private readonly Dictionary<ClusterKey, KeyWork> _work = [];
    private bool _isDisposed;

    private PlacementKeeper(AppKeyLeaseKeeper lease, IKeyRegistrar keys)
    {
        _lease = lease;
        _keys = keys;
        _rules = PlacementRules.Of(lease.Options);
        _placement = new IngestPlacement(lease.Options.PollInterval, this);
        _calls = new StoreCalls(_gate, lease.Time, lease.Options.LeaseTtl, lease.Name, lease.Logger);
        _timer = lease.Time.CreateTimer(
            static state => ((PlacementKeeper)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lease.Acquired += OnAcquired;
        lease.Lost += OnLost;
        if (lease.Epoch is > 0 and var epoch)
            OnAcquired(epoch);
        _listener = new ChangeListener(lease.Store, OnChanged, lease.Time);
    }

    /// <summary>The number of keys that the broker has acknowledged.</summary>
    public int Registered
    {
        get
        {
            lock (_gate)
                return _placement.Registered;
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

    /// <summary>Starts to claim keys.</summary>
    /// <param name="lease">The keeper of the lease.</param>
    /// <param name="keys">Registers and releases keys.</param>
    public static PlacementKeeper Start(AppKeyLeaseKeeper lease, IKeyRegistrar keys)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(keys);
        return new PlacementKeeper(lease, keys);
    }

    /// <summary>Releases all keys at the broker and stops. The rows go to the next holder.</summary>
    public async ValueTask DisposeAsync()
    {
        _lease.Acquired -= OnAcquired;
        _lease.Lost -= OnLost;
        Task[] work;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _placement.LeaseLost();
            work = [.. _work.Values.Select(item => item.Last)];
        }

        await _listener.DisposeAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _calls.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(work).ConfigureAwait(false);
    }

    // The request itself runs outside the lock, under which the client, which has one of its own, must not be asked.
    void IPlacementActions.Sync(long number, long epoch, ImmutableArray<PlacementReport> reports) => _calls.Start(
        async token =>
        {
            var places = _keys.Places;
            return (
                Keys: await _lease.Store.SyncIngestAsync(
                    new IngestRequest(_lease.AppKeyHash, _lease.Node, epoch, places, reports, _rules), token).ConfigureAwait(false),
                Places: places);
        },
        answer => _placement.Answered(number, answer.Keys, answer.Places, _calls.Now),
        () => _placement.Failed(number, _calls.Now));

    void IPlacementActions.SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - _calls.Now;
        if (!_isDisposed)
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    void IPlacementActions.Register(ClusterKey key, long keyEpoch)
    {
        var work = WorkOf(key);
        var before = work.Last;
        work.Cancellation = new CancellationTokenSource();
        var cancellation = work.Cancellation.Token;
        work.Last = Task.Run(() => RegisterAsync(key, keyEpoch, before, cancellation));
    }

    void IPlacementActions.Release(ClusterKey key, long keyEpoch)
    {
        var work = WorkOf(key);
        var (before, cancellation) = (work.Last, work.Cancellation);
        work.Last = Task.Run(() => ReleaseAsync(key, keyEpoch, before, cancellation));
    }

    private KeyWork WorkOf(ClusterKey key)
    {
        if (!_work.TryGetValue(key, out var work))
            _work.Add(key, work = new KeyWork());
        return work;
    }

    private async Task RegisterAsync(ClusterKey key, long keyEpoch, Task before, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(false);
        try
        {
            await _keys.RegisterAsync(
                key.TrId, key.Key, keyEpoch, refusal => _ = Task.Run(() => OnEnded(key, keyEpoch, refusal)),
                cancellationToken).ConfigureAwait(false);
            lock (_gate)
                _placement.KeyRegistered(key, keyEpoch, _calls.Now);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The release follows.
        }
#pragma warning disable CA1031 // A key must not seem to be registered, whatever has failed; another ingest tries.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnEnded(key, keyEpoch, PlacedKeyRefusal.Of(e));
        }
    }

    private void OnEnded(ClusterKey key, long keyEpoch, PlacedKeyRefusal refusal)
    {
        CoordinationLog.KeyRefused(_lease.Logger, _lease.Name, key.ToString(), refusal.Code.Value, refusal.Text);
        lock (_gate)
        {
            _placement.KeyEnded(
                key, keyEpoch, refusal.IsPermanent ? PlacementReportKind.Refused : PlacementReportKind.Failed, refusal.Code.Value,
                refusal.Text, _calls.Now);
        }
    }

    private async Task ReleaseAsync(ClusterKey key, long keyEpoch, Task before, CancellationTokenSource? registration)
    {
        if (registration is not null)
            await registration.CancelAsync().ConfigureAwait(false);
        await before.ConfigureAwait(false);
        try
        {
            await _keys.ReleaseAsync(key.TrId, key.Key, keyEpoch).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KisFeedException or ObjectDisposedException or InvalidOperationException)
        {
            // The session has ended, and its registrations with it.
        }

        lock (_gate)
        {
            registration?.Dispose();
            _placement.KeyEnded(key, keyEpoch, PlacementReportKind.Released, "", "", _calls.Now);
            if (_work.TryGetValue(key, out var work) && work.Cancellation == registration)
                _work.Remove(key);
        }
    }

    // Under the lock of the lease, which is always taken first.
    private void OnAcquired(long epoch)
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _placement.LeaseAcquired(epoch, _calls.Now);
        }
    }

    private void OnLost()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _placement.LeaseLost();
        }
    }

    // Only a lease that was given back is requested at once: each request writes a row.
    private void OnChanged(StoreChange change)
    {
        if (change == StoreChange.Lease)
            _lease.Wake();
        lock (_gate)
        {
            if (!_isDisposed)
                _placement.Wake(_calls.Now);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                _placement.TimerDue(_calls.Now);
        }
    }

    private sealed class KeyWork
    {
        public Task Last { get; set; } = Task.CompletedTask;

        public CancellationTokenSource? Cancellation { get; set; }
    }
}
