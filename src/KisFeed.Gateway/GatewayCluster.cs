using System.Text.Json.Serialization;

namespace KisFeed.Gateway;

/// <summary>
/// The cluster that a gateway belongs to, as the gateway last read it. Contains no app keys, and no names of databases and users.
/// </summary>
public sealed record GatewayCluster
{
    /// <summary>The name of this gateway in the cluster; <see langword="null"/> for consumers that may not see it.</summary>
    public required string? Node { get; init; }

    /// <summary>What this gateway does in the cluster now. It is known without the database.</summary>
    public required GatewayClusterRole Role { get; init; }

    /// <summary>The hashes of the app keys that this gateway is configured for; empty for an edge.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> AppKeys { get; init; } = [];

    /// <summary>The number of those.</summary>
    [JsonPropertyName("appKeys")]
    public int AppKeyCount => AppKeys.Count;

    /// <summary>The number of those of which this gateway holds the lease.</summary>
    public int HeldAppKeys { get; init; }

    /// <summary>
    /// Since when the database has not answered; <see langword="null"/> if it does. All else from the database
    /// is then as of <see cref="ReadAt"/>.
    /// </summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>
    /// Why, in a few words without names of hosts and users, because consumers see it; <see langword="null"/> if the database answers.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>When the database was read, by its clock; <see langword="null"/> if it has not been read yet.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>The number of keys; <see langword="null"/> if the database has not been read yet.</summary>
    public GatewayClusterKeys? Keys { get; init; }

    /// <summary>The gateways of the cluster; <see langword="null"/> for consumers that may not see them.</summary>
    public IReadOnlyList<GatewayClusterNode>? Nodes { get; init; } = [];

    /// <summary>The app keys of the cluster; <see langword="null"/> for consumers that may not see them.</summary>
    public IReadOnlyList<GatewayClusterLease>? Leases { get; init; } = [];

    /// <summary>What is wrong with the cluster, each problem in a line; <see langword="null"/> for consumers that may not see it.</summary>
    public IReadOnlyList<string>? Problems { get; init; } = [];

    /// <summary>Whether other gateways hold all app keys of this one, and it can take over from them.</summary>
    internal bool IsReadyStandby =>
        Role == GatewayClusterRole.Standby && Problem is null
        && AppKeys.All(appKey => Leases!.Any(lease => lease.AppKey == appKey && lease.IsHeld && lease.Holder != Node));

    /// <summary>
    /// The state without names of gateways, which are those of machines by default, for consumers that are not operators.
    /// </summary>
    internal GatewayCluster WithoutNames() => this with { Node = null, Nodes = null, Leases = null, Problems = null };
}

/// <summary>What a gateway does in a cluster.</summary>
public enum GatewayClusterRole
{
    /// <summary>Serves consumers; what they want is registered by ingests.</summary>
    Edge,

    /// <summary>Holds an app key, and registers what the cluster places on it.</summary>
    Ingest,

    /// <summary>Holds none of its app keys, and waits for one.</summary>
    Standby,
}

/// <summary>A gateway of a cluster.</summary>
/// <param name="Name">Its name, unique for each start.</param>
/// <param name="Role">What it does.</param>
/// <param name="IsPresent">Whether it has reported in time; otherwise it counts as gone.</param>
/// <param name="Wanted">The number of keys that it wants, if it is an edge.</param>
/// <param name="AppKeys">The number of app keys that it holds, if it is an ingest.</param>
/// <param name="Lag">How far it is behind: an ingest with publishing, an edge with reading;
/// <see langword="null"/> if it has not said it.</param>
public sealed record GatewayClusterNode(
    string Name, GatewayClusterRole Role, bool IsPresent, int Wanted, int AppKeys,
    [property: JsonPropertyName("lagSeconds")] TimeSpan? Lag);

/// <summary>The lease of an app key of a cluster.</summary>
/// <param name="AppKey">The hash of the app key.</param>
/// <param name="Environment">The service of the app key.</param>
/// <param name="Holder">The gateway that holds it, or held it last; <see langword="null"/> if it was given back.</param>
/// <param name="Epoch">Increases by one with each change of holder.</param>
/// <param name="IsHeld">Whether the lease had not expired.</param>
/// <param name="Keys">The number of keys that it holds.</param>
/// <param name="Slots">The number of keys that it can hold.</param>
public sealed record GatewayClusterLease(string AppKey, string Environment, string? Holder, long Epoch, bool IsHeld, int Keys, int Slots);

/// <summary>The number of keys of a cluster that are wanted or registered.</summary>
public sealed record GatewayClusterKeys
{
    /// <summary>Keys that an edge wants.</summary>
    public required int Wanted { get; init; }

    /// <summary>Of those, keys that no ingest has registered yet. Refused ones are not among them.</summary>
    public required int Waiting { get; init; }

    /// <summary>Keys without an ingest.</summary>
    public required int Free { get; init; }

    /// <summary>Keys that an ingest is registering.</summary>
    public required int Claimed { get; init; }

    /// <summary>Keys that the broker has acknowledged.</summary>
    public required int Registered { get; init; }

    /// <summary>Keys that nobody wants any more, and that an ingest is releasing.</summary>
    public required int Releasing { get; init; }

    /// <summary>Keys that the broker refused permanently.</summary>
    public required int Refused { get; init; }
}
