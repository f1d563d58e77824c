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
    private readonly AppKeyLeaseKeeper _lease;
    private readonly IKeyRegistrar _keys;
    private readonly IngestPlacement _placement;
    private readonly MachineRunner _runner;
    private readonly ChangeListener _listener;
    private readonly Dictionary<ClusterKey, KeyWork> _work = [];

    private PlacementKeeper(AppKeyLeaseKeeper lease, IKeyRegistrar keys)
    {
        _lease = lease;
        _keys = keys;
        _placement = new IngestPlacement(lease.Options.PollInterval, this);
        _runner = new MachineRunner(_placement.TimerDue, lease.Time, lease.Options.LeaseTtl, lease.Name, lease.Logger);
        lease.Acquired += OnAcquired;
        lease.Lost += OnLost;
        if (lease.Epoch is > 0 and var epoch)
            OnAcquired(epoch);
        _listener = new ChangeListener(lease.Store, OnChanged, lease.Time);
    }

    /// <summary>The number of keys that the broker has acknowledged.</summary>
    public int Registered => _runner.Read(() => _placement.Registered);

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
        Task[] work = [];
        var isFirst = _runner.TryStop(() =>
        {
            _placement.LeaseLost();
            work = [.. _work.Values.Select(item => item.Last)];
        });
        if (!isFirst)
            return;
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _runner.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(work).ConfigureAwait(false);
    }

    // The request itself runs outside the lock, under which the client, which has one of its own, must not be asked.
    void IPlacementActions.Sync(long number, long epoch, ImmutableArray<PlacementReport> reports) => _runner.Start(
        async token =>
        {
            var slots = _keys.Slots;
            var request = new IngestRequest(_lease.AppKeyHash, _lease.Node, epoch, slots, reports, _lease.Options);
            return (Keys: await _lease.Store.SyncIngestAsync(request, token).ConfigureAwait(false), Slots: slots);
        },
        (answer, now) => _placement.Answered(number, answer.Keys, answer.Slots, now),
        now => _placement.Failed(number, now));

    void IPlacementActions.SetTimer(TimeSpan dueAt) => _runner.SetTimer(dueAt);

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
            _runner.Run(now => _placement.KeyRegistered(key, keyEpoch, now));
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
        var kind = refusal.IsPermanent ? PlacementReportKind.Refused : PlacementReportKind.Failed;
        _runner.Run(now => _placement.KeyEnded(key, keyEpoch, kind, refusal.Code.Value, refusal.Text, now));
    }

    private async Task ReleaseAsync(ClusterKey key, long keyEpoch, Task before, CancellationTokenSource? registration)
    {
        if (registration is not null)
            await registration.CancelAsync().ConfigureAwait(false);
        await before.ConfigureAwait(false);
        try
        {
            await _keys.ReleaseAsync(key.TrId, key.Key).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KisFeedException or ObjectDisposedException or InvalidOperationException)
        {
            // The session has ended, and its registrations with it.
        }

        registration?.Dispose();
        _runner.Run(now =>
        {
            _placement.KeyEnded(key, keyEpoch, PlacementReportKind.Released, "", "", now);
            if (_work.TryGetValue(key, out var work) && work.Cancellation == registration)
                _work.Remove(key);
        });
    }

    // Under the lock of the lease, which is always taken first.
    private void OnAcquired(long epoch) => _runner.Run(now => _placement.LeaseAcquired(epoch, now));

    private void OnLost() => _runner.Run(_ => _placement.LeaseLost());

    // Only a lease that was given back is requested at once: each request writes a row.
    private void OnChanged(StoreChange change)
    {
        if (change == StoreChange.Lease)
            _lease.Wake();
        _runner.Run(_placement.Wake);
    }

    private sealed class KeyWork
    {
        public Task Last { get; set; } = Task.CompletedTask;

        public CancellationTokenSource? Cancellation { get; set; }
    }
}
