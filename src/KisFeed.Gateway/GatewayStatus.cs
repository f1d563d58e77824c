using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using KisFeed.Capture;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway;

/// <summary>
/// The status of a gateway at one moment, as <c>/v1/status</c> shows it to an operator. Contains no secrets and no HTS IDs.
/// </summary>
public sealed record GatewayStatus
{
    /// <summary>The version of the gateway.</summary>
    public string Version { get; } = KisFeedDiagnostics.Version;

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>For how long it has been running.</summary>
    public required long UptimeSeconds { get; init; }

    /// <summary>Whether data can arrive and be recorded, as <c>/readyz</c> says.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Whether it admits everybody who can reach it.</summary>
    public required bool IsOpenToEverybody { get; init; }

    /// <summary>The source of the data, as configured or as reported by upstream.</summary>
    public required DataSource Source { get; init; }

    /// <summary>When the last frame was received.</summary>
    public required GatewayMoment LastFrame { get; init; }

    /// <summary>The upstream session of each app key.</summary>
    [JsonIgnore]
    public IReadOnlyList<SessionStatus> Upstream { get; init; } = [];

    /// <summary><see cref="Upstream"/> as it is in JSON.</summary>
    [JsonInclude]
    [JsonPropertyName("upstream")]
    internal IEnumerable<UpstreamStatus> UpstreamSessions => Upstream.Select(session => new UpstreamStatus(session, LastFrame.Now));

    /// <summary>The keys registered upstream, each listed once.</summary>
    public required IReadOnlyList<GatewayRegistration> Registrations { get; init; }

    /// <summary>Counts over all connections.</summary>
    public required GatewayTotals Totals { get; init; }

    /// <summary>Requests and connections that were refused, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Refusals { get; init; }

    /// <summary>The consumers that have been connected.</summary>
    [JsonInclude]
    internal IEnumerable<ConsumerStatus> Consumers { get; init; } = [];

    /// <summary>The status of the recorder; <see langword="null"/> if nothing is recorded.</summary>
    public CaptureRecorderStatus? Recording { get; init; }

    /// <summary>The status of the sink of the recording; <see langword="null"/> if there is none.</summary>
    public RecordingSinkStatus? Sink { get; init; }

    /// <summary>The status of the publisher; <see langword="null"/> if there is none.</summary>
    public FramePublisherStatus? Publisher { get; init; }

    /// <summary>The cluster that the gateway belongs to; <see langword="null"/> if it belongs to none.</summary>
    public GatewayCluster? Cluster { get; init; }
}

/// <summary>A moment, and how long ago it was.</summary>
/// <param name="At">The moment; <see langword="null"/> if there was none.</param>
/// <param name="Now">The current time.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GatewayMoment(DateTimeOffset? At, [property: JsonIgnore] DateTimeOffset Now)
{
    /// <summary>How many seconds ago it was.</summary>
    public double? SecondsAgo => At is { } at ? Math.Round(Math.Max(0, (Now - at).TotalSeconds), 3) : null;
}

/// <summary>A key that is or will be registered upstream, at one moment.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed; <see langword="null"/> for order notices, whose key is an HTS ID.</param>
/// <param name="Consumers">The number of registrations of consumers that share it; 0 during the grace period.</param>
/// <param name="IsRegistered">Whether upstream has acknowledged it on an open connection.</param>
/// <param name="IsKept">Whether it is among <see cref="GatewayOptions.Keep"/>, and stays registered without consumers.</param>
public sealed record GatewayRegistration(string TrId, string? Key, int Consumers, bool IsRegistered, bool IsKept = false)
{
    /// <summary>Whether a cluster has placed it with this gateway (<see cref="IPlacedKeys"/>).</summary>
    public bool IsPlaced { get; init; }
}

/// <summary>A consumer in JSON.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Connections">Its open connections.</param>
/// <param name="Registrations">Its registrations, over all of them.</param>
/// <param name="Slots">The keys that are registered upstream because of it.</param>
/// <param name="Delivered">Frames, or records of streams, that were queued for it.</param>
/// <param name="Dropped">Records of its streams that were dropped because it did not keep up.</param>
/// <param name="SlowCloses">Its connections that were closed because it did not keep up.</param>
/// <param name="Waiting">The items queued for it now.</param>
/// <param name="Limits">Its limits.</param>
/// <param name="RefusedByLimit">How often each limit was reached.</param>
internal sealed record ConsumerStatus(
    string Name,
    int Connections,
    int Registrations,
    int Slots,
    long Delivered,
    long Dropped,
    long SlowCloses,
    QueueDepth Waiting,
    ConsumerLimits Limits,
    IReadOnlyDictionary<string, long> RefusedByLimit);
