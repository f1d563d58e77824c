using System.Diagnostics.Metrics;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Web;

namespace KisFeed.Gateway;

/// <summary>The metrics of a gateway, which read its status when they are collected.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string ConsumerTag = "kisfeed.consumer";

    private readonly Meter _meter;
    private readonly StatusReader _status;
    private readonly AccessControl _access;
    private volatile bool _isOver;

    public GatewayMetrics(IMeterFactory? factory, StatusReader status, AccessControl access)
    {
        _status = status;
        _access = access;
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = factory?.Create(meter) ?? new Meter(meter);
        Counter("kisfeed.gateway.frames.received", "{frame}", "Frames received from upstream, each once.", static s => s.FramesReceived);
        Counter(
            "kisfeed.gateway.frames.dropped",
            "{frame}",
            "Frames lost inside the gateway because it did not keep up with upstream.",
            static s => s.FramesDropped);
        Counter(
            "kisfeed.gateway.frames.unclaimed",
            "{frame}",
            "Frames whose feed could not be determined, and which were not delivered in the broker's protocol.",
            static s => s.FramesUnclaimed);
        Counter(
            "kisfeed.gateway.frames.sent",
            "{frame}",
            "Frames queued for consumers in the broker's protocol, over all connections.",
            static s => s.FramesSent);
        Counter(
            "kisfeed.gateway.notices.withheld",
            "{frame}",
            "Order notices that were not delivered, because they could not be read; each HTS ID that they may belong to got a gap.",
            static s => s.NoticesWithheld);
        Counter(
            "kisfeed.gateway.connections.accepted", "{connection}", "Consumers' connections so far.", static s => s.ConnectionsAccepted);
        Counter(
            "kisfeed.gateway.connections.slow",
            "{connection}",
            "Connections closed because their clients did not keep up.",
            static s => s.SlowConsumers);
        Counter(
            "kisfeed.gateway.connections.flooding",
            "{connection}",
            "Connections closed because their clients exceeded the request limit.",
            static s => s.Floods);
        Counter(
            "kisfeed.gateway.registrations.lost",
            "{registration}",
            "Registrations of consumers that upstream refused late, or ended.",
            static s => s.RegistrationsLost + s.StreamKeysLost);
        Counter("kisfeed.gateway.streams.opened", "{stream}", "Streams over plain HTTP so far.", static s => s.StreamsOpened);
        Counter("kisfeed.gateway.streams.items", "{item}", "Items queued for streams, over all of them.", static s => s.StreamItemsSent);
        Counter(
            "kisfeed.gateway.streams.dropped",
            "{record}",
            "Records that streams did not get because they were not read fast enough; each is part of a gap that was sent.",
            static s => s.StreamRecordsDropped);
        Counter(
            "kisfeed.gateway.streams.slow", "{stream}", "Streams ended because they were not read fast enough.", static s => s.SlowStreams);
        Level("kisfeed.gateway.streams", "{stream}", "Streams over plain HTTP that are open.", static s => s.Streams);
        Level("kisfeed.gateway.connections", "{connection}", "Consumers' connections that are open.", static s => s.Connections);
        Level(
            "kisfeed.gateway.registrations",
            "{registration}",
            "Current registrations of consumers, over all connections.",
            static s => s.ConsumerRegistrations);
        _meter.CreateObservableCounter(
            "kisfeed.gateway.refusals", ReadRefusals, "{refusal}", "Requests and connections that were refused.");
        _meter.CreateObservableCounter(
            "kisfeed.gateway.consumer.dropped",
            () => ReadConsumers(static a => a.Counts.Dropped.Value),
            "{record}",
            "Records that a consumer's streams did not get.");
        _meter.CreateObservableCounter(
            "kisfeed.gateway.consumer.slow",
            () => ReadConsumers(static a => a.Counts.SlowCloses.Value),
            "{connection}",
            "Connections of a consumer that were closed because it did not keep up.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.gateway.consumer.connections",
            () => ReadConsumers(static a => a.Usage.Connections),
            "{connection}",
            "Connections of a consumer, of either protocol.");
        _meter.CreateObservableCounter(
            "kisfeed.gateway.consumer.refusals", ReadLimits, "{refusal}", "Refusals of a consumer by its limits.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.gateway.consumer.new_registrations_left",
            ReadBudgets,
            "{registration}",
            "New registrations that a consumer with a token has left now.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.gateway.keys", ReadKeys, "{registration}", "Keys that are or will be registered upstream, each counted once.");
        ClusterLevel(
            "kisfeed.gateway.cluster.app_keys.held",
            "{app_key}",
            "App keys of which this gateway holds the lease; an edge has none.",
            static c => c.Role == GatewayClusterRole.Edge ? null : c.HeldAppKeys);
        ClusterLevel(
            "kisfeed.gateway.cluster.app_keys.free",
            "{app_key}",
            "App keys of the cluster that no gateway holds.",
            static c => IsCurrent(c) ? c.Leases!.Count(static lease => !lease.IsHeld) : null);
        ClusterLevel(
            "kisfeed.gateway.cluster.keys.waiting",
            "{registration}",
            "Keys that an edge of the cluster wants, and that no gateway has registered yet.",
            static c => IsCurrent(c) ? c.Keys?.Waiting : null);
        ClusterLevel(
            "kisfeed.gateway.cluster.trouble",
            "{trouble}",
            "1 while the database of the cluster does not answer, else 0.",
            static c => c.Problem is null ? 0 : 1);
    }

    // A factory keeps the meter that it has created, and its instruments.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private void Counter(string name, string unit, string description, Func<GatewayTotals, long> read) =>
        _meter.CreateObservableCounter(name, () => Read(read), unit, description);

    private void Level(string name, string unit, string description, Func<GatewayTotals, long> read) =>
        _meter.CreateObservableUpDownCounter(name, () => Read(read), unit, description);

    private void ClusterLevel(string name, string unit, string description, Func<GatewayCluster, int?> read) =>
        _meter.CreateObservableUpDownCounter(name, () => ReadCluster(read), unit, description);

    // What was read before the database failed is not a current value.
    private static bool IsCurrent(GatewayCluster cluster) => cluster is { Problem: null, ReadAt: not null };

    private IEnumerable<Measurement<long>> ReadCluster(Func<GatewayCluster, int?> read) =>
        !_isOver && _status.Cluster is { } cluster && read(cluster) is { } value ? [new Measurement<long>(value)] : [];

    private IEnumerable<Measurement<long>> Read(Func<GatewayTotals, long> read) =>
        _isOver ? [] : [new Measurement<long>(read(_status.Totals))];

    private IEnumerable<Measurement<long>> ReadKeys()
    {
        if (_isOver)
            return [];
        var registrations = _status.Registrations;
        var confirmed = registrations.Count(static r => r.IsRegistered);
        return [Keys(confirmed, "registered"), Keys(registrations.Count - confirmed, "pending")];
    }

    private IEnumerable<Measurement<long>> ReadRefusals() => _isOver
        ? []
        : Enum.GetValues<AccessRefusalReason>().Select(reason => new Measurement<long>(
            _access.Refusals.Of(reason), Tag("kisfeed.reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()))));

    private IEnumerable<Measurement<long>> ReadConsumers(Func<Account, long> read) =>
        _isOver ? [] : _access.Accounts.All.Select(account => new Measurement<long>(read(account), Tag(ConsumerTag, account.Name)));

    private IEnumerable<Measurement<long>> ReadLimits() => _isOver
        ? []
        : _access.Accounts.All.SelectMany(account => Enum.GetValues<ConsumerLimit>().Select(limit => new Measurement<long>(
            account.Usage.RefusedBy(limit),
            Tag(ConsumerTag, account.Name),
            Tag("kisfeed.limit", JsonNamingPolicy.SnakeCaseLower.ConvertName(limit.ToString())))));

    private IEnumerable<Measurement<long>> ReadBudgets() => _isOver
        ? []
        : _access.Accounts.All.Where(account => account.Consumer is not null)
            .Select(account => new Measurement<long>(account.NewRegistrationsLeft, Tag(ConsumerTag, account.Name)));

    private static Measurement<long> Keys(long count, string state) => new(count, Tag("kisfeed.state", state));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
