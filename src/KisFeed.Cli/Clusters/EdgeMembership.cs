using KisFeed.Coordination;
using KisFeed.Gateway;
using KisFeed.RabbitMq;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>A gateway as an edge of a cluster: what its consumers want is registered by an ingest.</summary>
internal sealed class EdgeMembership : IAsyncDisposable
{
    private readonly CoordinationSettings _settings;
    private readonly EdgeDemandKeeper _demand;
    private readonly GatewayCluster _own;
    private NodeReport? _report;
    private ClusterMonitor? _monitor;

    /// <summary>Starts without demand.</summary>
    public EdgeMembership(CoordinationSettings settings, ILoggerFactory log)
    {
        _settings = settings;
        _own = new GatewayCluster { Node = settings.Node, Role = GatewayClusterRole.Edge };
        _demand = EdgeDemandKeeper.Start(settings.Database, settings.Environment, settings.Node, settings.Options, log);
    }

    /// <summary>The source of the gateway's data.</summary>
    public RabbitMqSource? Source { get; set; }

    /// <summary>The state of the cluster.</summary>
    public GatewayCluster Cluster => _monitor?.State ?? _own;

    /// <summary>Asks the cluster for the keys of the source.</summary>
    public IKeyDemand Demand => _demand;

    /// <summary>Tells the cluster from now on how far the gateway is behind, and reads the state of the cluster.</summary>
    public void Start(TimeProvider time, ILoggerFactory log)
    {
        _report = NodeReport.Start(_settings, () => Source?.Lag, time, log);
        _monitor = ClusterMonitor.Start(_settings.Database, _own, time);
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
}
