using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>The reference store as the programs of a cluster use it: concurrently, with a clock that runs.</summary>
internal sealed class MemoryStore(TimeProvider time) : ICoordinationStore
{
    private readonly Lock _gate = new();
    private readonly ReferenceStore _store = new();
    private readonly long _start = time.GetTimestamp();
    private volatile Action<StoreChange>? _changed;
    private int _leaseRequests;

    /// <summary>Whether requests fail.</summary>
    public bool IsAway { get; set; }

    /// <summary>The number of requests for leases.</summary>
    public int LeaseRequests => Volatile.Read(ref _leaseRequests);

    /// <summary>Whether somebody listens.</summary>
    public bool IsListenedTo => _changed is not null;

    public Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _leaseRequests);
        return RunAsync(store => store.Lease(request));
    }

    public Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken) => RunAsync(store =>
    {
        store.ReleaseLease(appKey, holder, epoch);
        return true;
    });

    public Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken) =>
        RunAsync(store => store.RecordAttempt(request));

    public Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken) =>
        RunAsync(store => store.SyncIngest(request));

    public Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken) =>
        RunAsync(store => store.SyncEdge(request));

    public Task RemoveEdgeAsync(string node, CancellationToken cancellationToken) => RunAsync(store =>
    {
        store.RemoveEdge(node);
        return true;
    });

    public Task<ClusterStatus> ReadAsync() => RunAsync(store => store.Read());

    public async Task ListenAsync(Action<StoreChange> changed, CancellationToken cancellationToken)
    {
        _changed += changed;
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    /// <summary>Notifies those that listen.</summary>
    public void Notify(StoreChange change) => _changed?.Invoke(change);

    private Task<TAnswer> RunAsync<TAnswer>(Func<ReferenceStore, TAnswer> work)
    {
        lock (_gate)
        {
            if (IsAway)
                return Task.FromException<TAnswer>(new TimeoutException("the store is away"));
            _store.Now = TimeSpan.FromHours(1) + time.GetElapsedTime(_start);
            return Task.FromResult(work(_store));
        }
    }
}
