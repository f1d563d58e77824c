using System.Text.Json.Serialization;

namespace KisFeed.Coordination;

/// <summary>The rows of a cluster at one moment.</summary>
/// <param name="At">The time of the database.</param>
/// <param name="Nodes">The edges, and the ingests that hold or wait for an app key.</param>
/// <param name="Leases">The app keys.</param>
/// <param name="KeyCounts">The number of keys that are wanted or have a holder, by state; states without keys are left out.</param>
public sealed record ClusterStatus(
    DateTimeOffset At, IReadOnlyList<ClusterNode> Nodes, IReadOnlyList<ClusterLease> Leases, IReadOnlyList<ClusterKeyCount> KeyCounts)
{
    /// <summary>The keys that are wanted or have a holder; empty if they were only counted.</summary>
    public IReadOnlyList<ClusterPlacement> Keys { get; init; } = [];

    /// <summary>The number of keys that an edge wants, and that no ingest has registered yet.</summary>
    [JsonIgnore]
    public int WaitingKeys =>
        KeyCounts.Where(count => count.State is PlacementState.Free or PlacementState.Claimed).Sum(count => count.Wanted);

    /// <summary>The number of app keys that a process holds.</summary>
    public int HeldBy(ClusterNode node) => Leases.Count(lease => lease.IsHeld && lease.Holder == node.Name);
}

/// <summary>The number of keys in one state.</summary>
/// <param name="State">The state.</param>
/// <param name="Keys">The number of keys in this state.</param>
/// <param name="Wanted">Of those, the keys that an edge wants.</param>
public sealed record ClusterKeyCount(PlacementState State, int Keys, int Wanted);

/// <summary>A process of the cluster.</summary>
/// <param name="Name">Its name, unique for each start.</param>
/// <param name="IsEdge">Whether it is an edge; otherwise it is an ingest.</param>
/// <param name="ExpiresIn">When it counts as gone; negative if it does already.</param>
/// <param name="Wanted">Keys that it wants, if it is an edge.</param>
/// <param name="Lag">How far it is behind: an ingest with publishing, an edge with reading;
/// <see langword="null"/> if it has not said it.</param>
public sealed record ClusterNode(
    string Name, bool IsEdge, [property: JsonPropertyName("expiresInSeconds")] TimeSpan ExpiresIn, int Wanted,
    [property: JsonPropertyName("lagSeconds")] TimeSpan? Lag = null)
{
    /// <summary>Whether it has reported in time; otherwise it counts as gone.</summary>
    public bool IsPresent => ExpiresIn > TimeSpan.Zero;
}

/// <summary>The lease of an app key.</summary>
/// <param name="AppKey">The hash of the app key.</param>
/// <param name="Environment">The service.</param>
/// <param name="Holder">The ingest that holds it, or held it last; <see langword="null"/> if it was released.</param>
/// <param name="Epoch">Increases by one with each change of holder.</param>
/// <param name="ExpiresIn">When the lease expires; negative if it has.</param>
/// <param name="Slots">Keys that the holder can hold.</param>
/// <param name="Keys">Keys that it holds.</param>
/// <param name="AttemptsInHour">Connection attempts within the last hour, over all holders.</param>
/// <param name="RegistrationsInHour">New registrations within the last hour, over all holders.</param>
public sealed record ClusterLease(
    string AppKey, string Environment, string? Holder, long Epoch, [property: JsonPropertyName("expiresInSeconds")] TimeSpan ExpiresIn,
    int Slots, int Keys, int AttemptsInHour, int RegistrationsInHour)
{
    /// <summary>Whether an ingest holds it.</summary>
    public bool IsHeld => Holder is not null && ExpiresIn > TimeSpan.Zero;
}

/// <summary>The placement of a key.</summary>
/// <param name="Environment">The service.</param>
/// <param name="TrId">The TR ID of the feed.</param>
/// <param name="Key">The key within the feed.</param>
/// <param name="State">Its state.</param>
/// <param name="AppKey">The hash of the app key that holds it; <see langword="null"/> if none does.</param>
/// <param name="LeaseEpoch">The epoch of the holder's lease.</param>
/// <param name="KeyEpoch">Increases with each change of holder, and never restarts.</param>
/// <param name="Edges">Edges that want it.</param>
/// <param name="Code">The broker's code, if it refused the key.</param>
/// <param name="Text">The broker's text, if it refused the key.</param>
public sealed record ClusterPlacement(
    string Environment, string TrId, string Key, PlacementState State, string? AppKey, long LeaseEpoch, long KeyEpoch, int Edges,
    string Code, string Text);

/// <summary>The state of a key.</summary>
public enum PlacementState
{
    /// <summary>Nobody holds it.</summary>
    Free,

    /// <summary>An ingest holds it and is registering it.</summary>
    Claimed,

    /// <summary>The broker has acknowledged it.</summary>
    Registered,

    /// <summary>Nobody wanted it for the grace period: its holder is releasing it.</summary>
    Releasing,

    /// <summary>The broker refused it permanently.</summary>
    Refused,
}

/// <summary>The state of a key that an edge wants.</summary>
public enum DemandState
{
    /// <summary>No ingest has registered it yet, or its holder is gone and another one takes it.</summary>
    Waiting,

    /// <summary>
    /// No ingest has had a free slot for <see cref="CoordinationOptions.TakeoverDelay"/>. It is registered when a slot becomes free.
    /// </summary>
    NoFreeSlot,

    /// <summary>An ingest has registered it.</summary>
    Registered,

    /// <summary>The broker refused it permanently.</summary>
    Refused,
}
