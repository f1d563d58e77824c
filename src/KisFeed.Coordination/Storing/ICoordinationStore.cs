using System.Collections.Immutable;

namespace KisFeed.Coordination.Storing;

/// <summary>
/// The rows that the programs of a cluster share. Each operation is one transaction and uses the store's clock. An operation that fails may
/// have been executed; executing it again, or late, does no harm, because each is guarded by an epoch or a sequence number.
/// </summary>
internal interface ICoordinationStore
{
    /// <summary>Acquires the lease of an app key, or renews it if the request has an epoch.</summary>
    Task<LeaseAnswer> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a lease, so that another holder need not wait until it expires. Does nothing if the epoch is not the current one.
    /// </summary>
    Task ReleaseLeaseAsync(string appKey, string holder, long epoch, CancellationToken cancellationToken);

    /// <summary>Records a connection attempt before it is made, if the budget of the app key allows it.</summary>
    Task<AttemptAnswer> RecordAttemptAsync(AttemptRequest request, CancellationToken cancellationToken);

    /// <summary>Reports what an ingest has registered, releases and claims keys for it, and returns those that it holds.</summary>
    Task<IngestAnswer> SyncIngestAsync(IngestRequest request, CancellationToken cancellationToken);

    /// <summary>Changes what an edge wants, renews its lease, and returns the state of all keys that it wants.</summary>
    Task<EdgeAnswer> SyncEdgeAsync(EdgeRequest request, CancellationToken cancellationToken);

    /// <summary>Removes an edge and what it wants.</summary>
    Task RemoveEdgeAsync(string node, CancellationToken cancellationToken);

    /// <summary>Calls back after each change of rows, until it is cancelled. Calls may be missing.</summary>
    Task ListenAsync(Action<StoreChange> changed, CancellationToken cancellationToken);
}

/// <summary>What has changed in the store.</summary>
internal enum StoreChange
{
    /// <summary>What an edge wants.</summary>
    Demand,

    /// <summary>The state of a key.</summary>
    Placement,

    /// <summary>A holder has given its lease back.</summary>
    Lease,
}

/// <summary>A request for the lease of an app key.</summary>
/// <param name="AppKey">The hash of the app key.</param>
/// <param name="Environment">The service of the app key.</param>
/// <param name="Holder">The process that requests it, unique for each start.</param>
/// <param name="Number">Increases with each request of the holder for this app key. Requests to acquire it that are executed
/// out of order have no effect.</param>
/// <param name="Epoch">The epoch to renew; 0 to acquire the lease.</param>
/// <param name="Ttl">How long the lease lasts from the execution of the request.</param>
/// <param name="Attempts">Connection attempts that were made without recording them, because the store did not answer.</param>
internal sealed record LeaseRequest(
    string AppKey, string Environment, string Holder, long Number, long Epoch, TimeSpan Ttl, int Attempts = 0);

/// <summary>The row of a lease after a request.</summary>
/// <param name="IsHeld">Whether the requester holds it.</param>
/// <param name="Epoch">The epoch of the holder.</param>
/// <param name="Remaining">How long the lease lasts.</param>
internal readonly record struct LeaseAnswer(bool IsHeld, long Epoch, TimeSpan Remaining);

/// <summary>A request for a connection attempt.</summary>
internal sealed record AttemptRequest(string AppKey, string Holder, long Epoch, ClusterRateLimit Limit);

/// <summary>The answer to a request for a connection attempt.</summary>
/// <param name="IsHeld">Whether the requester holds the lease.</param>
/// <param name="IsGranted">Whether the attempt is recorded and may be made.</param>
/// <param name="RetryAfter">When the budget allows the next attempt, if this one was not granted.</param>
internal readonly record struct AttemptAnswer(bool IsHeld, bool IsGranted, TimeSpan RetryAfter);

/// <summary>The state of an ingest with one app key.</summary>
/// <param name="AppKey">The hash of the app key.</param>
/// <param name="Holder">The process.</param>
/// <param name="Epoch">The epoch of its lease.</param>
/// <param name="Slots">Keys that it can hold; 0 if its session does not work.</param>
/// <param name="Reports">What has happened to its keys.</param>
/// <param name="Rules">The rules of placement.</param>
internal sealed record IngestRequest(
    string AppKey, string Holder, long Epoch, int Slots, ImmutableArray<PlacementReport> Reports, CoordinationOptions Rules);

/// <summary>What has happened to a key that an ingest holds.</summary>
internal readonly record struct PlacementReport(
    ClusterKey Key, long KeyEpoch, PlacementReportKind Kind, string Code = "", string Text = "");

/// <summary>What has happened to a key.</summary>
internal enum PlacementReportKind
{
    /// <summary>The broker has acknowledged it.</summary>
    Registered,

    /// <summary>The broker has released it, or it is not registered any more.</summary>
    Released,

    /// <summary>It could not be registered for a reason that may pass, or that concerns only this app key.</summary>
    Failed,

    /// <summary>The broker refused it permanently.</summary>
    Refused,
}

/// <summary>The keys that an ingest holds.</summary>
/// <param name="IsHeld">Whether it holds the lease. Otherwise nothing was changed.</param>
/// <param name="Keys">The keys.</param>
internal sealed record IngestAnswer(bool IsHeld, ImmutableArray<HeldKey> Keys);

/// <summary>A key that an ingest holds.</summary>
internal readonly record struct HeldKey(ClusterKey Key, long KeyEpoch, PlacementState State);

/// <summary>What an edge wants.</summary>
/// <param name="Node">The edge, unique for each start.</param>
/// <param name="Sequence">Increases with each request. A request with a lower sequence than a previous one is ignored.</param>
/// <param name="IsFull">Whether <paramref name="Added"/> has all keys that the edge wants.</param>
/// <param name="Added">Keys that it wants.</param>
/// <param name="Removed">Keys that it does not want any more.</param>
/// <param name="Ttl">How long its demand lasts without another request.</param>
/// <param name="TakeoverDelay">How long the keys of an expired lease belong to it.</param>
internal sealed record EdgeRequest(
    string Node, long Sequence, bool IsFull, ImmutableArray<ClusterKey> Added, ImmutableArray<ClusterKey> Removed, TimeSpan Ttl,
    TimeSpan TakeoverDelay);

/// <summary>The state of what an edge wants.</summary>
/// <param name="IsKnown">Whether the store knows all that the edge wants. Otherwise the edge must send all keys.</param>
/// <param name="Keys">The keys that it wants.</param>
internal sealed record EdgeAnswer(bool IsKnown, ImmutableArray<WantedKey> Keys);

/// <summary>A key that an edge wants.</summary>
internal readonly record struct WantedKey(ClusterKey Key, DemandState State, long KeyEpoch, string Code = "", string Text = "");
