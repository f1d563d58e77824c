using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>The reference store as the programs of a cluster use it: concurrently, with a clock that runs.</summary>
internal sealed class MemoryStore(TimeProvider time) : ICoordinationStore
{
    private readonly Lock _gate = new();
    private readonly ReferenceStore _store = new();
    private readonly long _start = time.GetTimestamp();

    /// <summary>Whether requests fail.</summary>
    public bool IsAway { get; set; }

    public Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) => RunAsync(store => store.Lease(request));

    public Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken) => RunAsync(store =>
    {
        store.ReleaseLease(appKey, holder, epoch);
        return true;
    });

    public Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken) => RunAsync(store => store.RecordAttempt(request));

    public Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken) => RunAsync(store => store.SyncIngest(request));

    public Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken) => RunAsync(store => store.SyncEdge(request));

    public Task RemoveEdgeAsync(string node, CancellationToken cancellationToken) => RunAsync(store =>
    {
        store.RemoveEdge(node);
        return true;
    });

    public Task<ClusterStatus> ReadAsync(CancellationToken cancellationToken) => RunAsync(store => store.Read());

    public Task ListenAsync(Action changed, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

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
