using KisFeed.Capture;
using KisFeed.Coordination;
using KisFeed.Gateway;
using KisFeed.RabbitMq;
using Microsoft.Extensions.Logging;

namespace KisFeed.Cli.Clusters;

/// <summary>
/// A gateway as an ingest of a cluster: each of its app keys has a lease, without which its session does not connect, and the
/// keys that the cluster places on it.
/// </summary>
internal sealed class IngestMembership(CoordinationSettings settings, KisFeedOptions upstream, ILoggerFactory log) : IAsyncDisposable
{
    private readonly List<(string Session, AppKeyLeaseKeeper Lease)> _leases = [];
    private readonly List<PlacementKeeper> _placements = [];
    private readonly List<SessionKeyRegistrar> _registrars = [];
    private KisFeedClient? _client;
    private PlacedKeyPublisher? _publisher;
    private NodeReport? _report;
    private ClusterMonitor? _monitor;

    // Longer than the broker usually holds a dead session.
    private static readonly TimeSpan s_giveUpAfter = TimeSpan.FromMinutes(20);

    /// <summary>The state of the cluster, and whether this gateway holds an app key now.</summary>
    public GatewayCluster Cluster
    {
        get
        {
            var held = _leases.Count(lease => lease.Lease.MaySend);
            return (_monitor?.State ?? Own) with
            {
                Role = held > 0 ? GatewayClusterRole.Ingest : GatewayClusterRole.Standby,
                HeldAppKeys = held,
            };
        }
    }

    private GatewayCluster Own =>
        new() { Node = settings.Node, Role = GatewayClusterRole.Standby, AppKeys = [.. _leases.Select(lease => lease.Lease.AppKeyHash)] };

    /// <summary>
    /// The service, for a client whose sessions wait for their leases. How long a session keeps trying is limited, unless the
    /// user did: an ingest that cannot connect must leave its app key to another, which may be able to. It ends then, and is
    /// a standby when it is started again.
    /// </summary>
    public KisFeedOptions Service => upstream with
    {
        Permits = PermitOf,
        Reconnect = upstream.Reconnect with { GiveUpAfter = upstream.Reconnect.GiveUpAfter ?? s_giveUpAfter },
    };

    /// <summary>Starts the publisher of what the client receives.</summary>
    public IFramePublisher Publish(Func<FramePublisherContext, RabbitMqPublisher> open, FramePublisherContext context)
    {
        _client = (KisFeedClient)context.Frames;
        return _publisher = new PlacedKeyPublisher(open(context));
    }

    /// <summary>Starts to take keys, after the gateway has started.</summary>
    public void Start(GatewayServer server)
    {
        foreach (var (session, lease) in _leases)
        {
            var registrar = new SessionKeyRegistrar(
                _client!, session, () => lease.Epoch, server.PlacedKeys, _publisher!, upstream.TimeProvider);
            _registrars.Add(registrar);
            _placements.Add(PlacementKeeper.Start(lease, registrar));
        }

        _ = ResignWithAsync(_publisher!.Completion);
        _report = NodeReport.Start(settings, () => server.Status.Publisher?.Lag, upstream.TimeProvider, log);
        _monitor = ClusterMonitor.Start(settings.Database, Own, upstream.TimeProvider);
    }

    /// <summary>Takes no more keys. Call it before the gateway stops; its sessions have their keys until they close.</summary>
    public async Task StopPlacingAsync()
    {
        foreach (var registrar in _registrars)
            registrar.Stop();
        if (_report is not null)
            await _report.DisposeAsync();
        await Task.WhenAll(_placements.Select(placement => placement.DisposeAsync().AsTask()));
    }

    /// <summary>Gives the leases back. Call it after the gateway has stopped, because its sessions must be closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopPlacingAsync();
        if (_monitor is not null)
            await _monitor.DisposeAsync();
        await Task.WhenAll(_leases.Select(lease => lease.Lease.DisposeAsync().AsTask()));
        await settings.Database.DisposeAsync();
    }

    // An ingest that cannot publish is useless to the cluster, and must not keep the app keys from others.
    private async Task ResignWithAsync(Task publishing)
    {
        await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!publishing.IsFaulted)
            return;
        ClusterLog.Resigns(log.CreateLogger<IngestMembership>());
        foreach (var (_, lease) in _leases)
            lease.Resign();
    }

    private AppKeyLeaseKeeper PermitOf(AppCredentials credentials)
    {
        // The budgets of an app key go from holder to holder.
        var options = settings.Options with
        {
            Attempts = new ClusterRateLimit(upstream.Reconnect.AttemptsPerMinute, upstream.Reconnect.AttemptsPerHour),
            NewRegistrations = new ClusterRateLimit(upstream.NewRegistrationsPerMinute, upstream.NewRegistrationsPerHour),
        };
        var lease = AppKeyLeaseKeeper.Start(settings.Database, credentials, upstream.Environment, settings.Node, options, log);
        _leases.Add((credentials.Name!, lease));
        return lease;
    }
}
