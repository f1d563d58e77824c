using KisFeed.Coordination;
using KisFeed.Gateway;
using KisFeed.RabbitMq;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>A gateway as an edge of a cluster: what its consumers want is registered by an ingest.</summary>
internal sealed class EdgeMembership : IKeyDemand, IAsyncDisposable
{
    private readonly FeedCatalog _catalog;
    private readonly CoordinationSettings _settings;
    private readonly EdgeDemandKeeper _demand;
    private readonly GatewayCluster _own;
    private NodeReport? _report;
    private ClusterMonitor? _monitor;

    /// <summary>Starts without demand.</summary>
    public EdgeMembership(CoordinationSettings settings, FeedCatalog catalog, ILoggerFactory log)
    {
        _catalog = catalog;
        _settings = settings;
        _own = new GatewayCluster { Node = settings.Node, Role = GatewayClusterRole.Edge };
        _demand = EdgeDemandKeeper.Start(settings.Database, settings.Environment, settings.Node, settings.Options, OnChanged, log);
    }

    /// <summary>The source of the gateway's data.</summary>
    public RabbitMqSource? Source { get; set; }

    /// <summary>The state of the cluster.</summary>
    public GatewayCluster Cluster => _monitor?.State ?? _own;

    public event EventHandler<KeyRefusedEventArgs>? Refused;

    public async Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) =>
        checked((uint)await _demand.AddAsync(feed, key, cancellationToken));

    public Task RemoveAsync(FeedSchema feed, string key)
    {
        _demand.Remove(feed, key);
        return Task.CompletedTask;
    }

    /// <summary>Tells the cluster from now on how far the gateway is behind, and reads the state of the cluster.</summary>
    public void Start(TimeProvider time, ILoggerFactory log)
    {
        _report = NodeReport.Start(_settings, () => Source?.Lag, time, log);
        _monitor = ClusterMonitor.Start(_settings.Database.ReadSummaryAsync, _own, time);
    }

    public async ValueTask DisposeAsync()
    {
        if (_report is not null)
            await _report.DisposeAsync();
        if (_monitor is not null)
            await _monitor.DisposeAsync();
        await _demand.DisposeAsync();
        await _settings.Database.DisposeAsync();
    }

    // Under the lock of the keeper, which the source calls when it handles the event.
    private void OnChanged(DemandChange change)
    {
        if (change.State != DemandState.Refused || !_catalog.TryFind(change.Key.TrId, out var feed))
            return;
        var refusal = new SubscribeRefusedException($"{feed.TrId} was refused: {change.Code} {change.Text}")
        {
            Code = new BrokerCode(change.Code),
            BrokerText = change.Text,
        };
        _ = Task.Run(() => Refused?.Invoke(this, new KeyRefusedEventArgs(feed, change.Key.Key, refusal)));
    }
}
