using KisFeed.Coordination;
using KisFeed.Gateway;

namespace KisFeed.Cli.Clusters;

/// <summary>
/// Reads the state of a cluster at intervals, for the status of a gateway that belongs to it. Keeps the last state
/// while the database does not answer.
/// </summary>
internal sealed class ClusterMonitor : IAsyncDisposable
{
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromSeconds(5);

    // All gateways of a cluster together read at most 20 times a second.
    private static readonly TimeSpan s_intervalPerNode = TimeSpan.FromMilliseconds(50);

    private readonly ClusterDatabase _database;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reading;
    private volatile GatewayCluster _state;

    private ClusterMonitor(ClusterDatabase database, GatewayCluster own, TimeProvider time)
    {
        _database = database;
        _state = own;
        _time = time;
        _reading = Task.Run(() => ReadAsync(_stopping.Token));
    }

    /// <summary>The state that was read last.</summary>
    public GatewayCluster State => _state;

    /// <summary>Starts to read.</summary>
    public static ClusterMonitor Start(ClusterDatabase database, GatewayCluster own, TimeProvider time) => new(database, own, time);

    /// <summary>How long to wait before the next read: 5 s, longer in a cluster of more than 100 gateways.</summary>
    public static TimeSpan IntervalOf(int nodes) =>
        nodes * s_intervalPerNode is var interval && interval > s_shortestInterval ? interval : s_shortestInterval;

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _state = StateOf(await _database.ReadStatusAsync(hasKeys: false, cancellationToken), _state);
            }
            catch (CoordinationException e)
            {
                // The keepers log it.
                _state = _state with { ProblemSince = _state.ProblemSince ?? _time.GetUtcNow(), Problem = e.Summary };
            }

            await Task.Delay(IntervalOf(_state.Nodes!.Count), _time, cancellationToken);
        }
    }

    private static GatewayCluster StateOf(ClusterStatus rows, GatewayCluster last) => last with
    {
        ProblemSince = null,
        Problem = null,
        ReadAt = rows.At,
        Nodes = [.. rows.Nodes.Select(node => NodeOf(node, rows))],
        Leases = [.. rows.Leases.Select(lease => new GatewayClusterLease(
            lease.AppKey, lease.Environment.ToLowerInvariant(), lease.Holder, lease.Epoch, lease.IsHeld, lease.Keys,
            lease.Slots))],
        Keys = new GatewayClusterKeys
        {
            Wanted = rows.KeyCounts.Sum(count => count.Wanted),
            Waiting = rows.WaitingKeys,
            Free = CountOf(rows, PlacementState.Free),
            Claimed = CountOf(rows, PlacementState.Claimed),
            Registered = CountOf(rows, PlacementState.Registered),
            Releasing = CountOf(rows, PlacementState.Releasing),
            Refused = CountOf(rows, PlacementState.Refused),
        },
        Problems = ClusterHealth.ProblemsOf(rows),
    };

    private static GatewayClusterNode NodeOf(ClusterNode node, ClusterStatus rows)
    {
        var held = rows.HeldBy(node);
        var role = node.IsEdge ? GatewayClusterRole.Edge : held > 0 ? GatewayClusterRole.Ingest : GatewayClusterRole.Standby;
        return new GatewayClusterNode(node.Name, role, node.IsPresent, node.Wanted, held, node.Lag);
    }

    private static int CountOf(ClusterStatus rows, PlacementState state) =>
        rows.KeyCounts.FirstOrDefault(count => count.State == state)?.Keys ?? 0;
}
