using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>What the operations of <see cref="ICoordinationStore"/> mean, in memory, with a clock that the caller sets.</summary>
internal sealed partial class ReferenceStore
{
    private const int NodeTtls = 3;

    private readonly Dictionary<string, LeaseRow> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeRow> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<ClusterKey, KeyRow> _keys = [];

    /// <summary>The clock of the store.</summary>
    public TimeSpan Now { get; set; }

    public Dictionary<string, LeaseRow>.ValueCollection Leases => _leases.Values;

    public Dictionary<ClusterKey, KeyRow>.ValueCollection Keys => _keys.Values;

    /// <summary>Called when the holder of a key has changed.</summary>
    public Action<KeyRow>? HolderChanged { get; set; }

    /// <summary>Called when an app key has claimed a key.</summary>
    public Action<LeaseRow>? Claimed { get; set; }

    public LeaseAnswer Lease(LeaseRequest request)
    {
        if (!_leases.TryGetValue(request.AppKey, out var row))
            _leases.Add(request.AppKey, row = new LeaseRow(request.AppKey));
        row.Attempts.AddRange(Enumerable.Repeat(Now, request.Attempts));
        TouchIngest(request);
        var isHeld = request.Epoch == 0
            ? row.Holder == request.Holder ? row.Request <= request.Number : row.Holder is null || row.ExpiresAt <= Now
            : row.Holder == request.Holder && row.Epoch == request.Epoch;
        if (!isHeld)
            return new LeaseAnswer(false, row.Epoch, row.ExpiresAt > Now && row.Holder is not null ? row.ExpiresAt - Now : TimeSpan.Zero);
        if (request.Epoch == 0 && (row.Holder != request.Holder || row.Request != request.Number))
        {
            row.Holder = request.Holder;
            row.Request = request.Number;
            row.Environment = request.Environment;
            row.Epoch++;
            row.Places = 0;
            row.HeldSince = Now;
        }
        else if (row.ExpiresAt <= Now)
        {
            row.HeldSince = Now;
        }

        row.ExpiresAt = Now + request.Ttl;
        return new LeaseAnswer(true, row.Epoch, request.Ttl);
    }

    public void ReleaseLease(string appKey, string holder, long epoch)
    {
        if (!_leases.TryGetValue(appKey, out var row) || row.Holder != holder || row.Epoch != epoch)
            return;
        row.Holder = null;
        row.ExpiresAt = Now;
    }

    public AttemptAnswer RecordAttempt(AttemptRequest request)
    {
        if (!_leases.TryGetValue(request.AppKey, out var row) || row.Holder != request.Holder || row.Epoch != request.Epoch)
            return default;
        if (LeaseRow.Left(row.Attempts, request.Limit, Now) == 0)
            return new AttemptAnswer(true, false, LeaseRow.RetryAfter(row.Attempts, request.Limit, Now));
        row.Attempts.Add(Now);
        return new AttemptAnswer(true, true, TimeSpan.Zero);
    }

    public EdgeAnswer SyncEdge(EdgeRequest request)
    {
        if (_nodes.TryGetValue(request.Node, out var row) && row.ExpiresAt <= Now)
        {
            RemoveEdge(request.Node);
            row = null;
        }

        if (request.IsFull ? row is not null && request.Sequence <= row.Sequence : row is null || request.Sequence != row.Sequence + 1)
            return new EdgeAnswer(false, []);
        if (row is null)
            _nodes.Add(request.Node, row = new NodeRow(request.Node, isEdge: true));
        row.Sequence = request.Sequence;
        row.ExpiresAt = Now + request.Ttl;
        if (request.IsFull)
        {
            var all = request.Added.ToHashSet();
            foreach (var key in row.Wanted.Keys.Where(key => !all.Contains(key.Key)).ToList())
                RemoveDemand(row, key);
        }

        foreach (var key in request.Removed)
        {
            if (_keys.TryGetValue(key, out var removed))
                RemoveDemand(row, removed);
        }

        foreach (var key in request.Added)
        {
            if (!_keys.TryGetValue(key, out var added))
                _keys.Add(key, added = new KeyRow(key) { ChangedAt = Now });
            if (row.Wanted.TryAdd(added, Now))
                added.Edges++;
        }

        return new EdgeAnswer(true, [.. row.Wanted.OrderBy(wanted => wanted.Key.Key).Select(wanted => AnswerOf(wanted.Key, wanted.Value, request.TakeoverDelay))]);
    }

    public void RemoveEdge(string node)
    {
        if (!_nodes.Remove(node, out var row))
            return;
        foreach (var key in row.Wanted.Keys.ToList())
            RemoveDemand(row, key);
    }

    public ClusterStatus Read() => new(
        DateTimeOffset.UnixEpoch + Now,
        [.. _nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal).Select(node => new ClusterNode(node.Name, node.IsEdge, node.ExpiresAt - Now, node.Wanted.Count))],
        [.. _leases.Values.OrderBy(lease => lease.AppKey, StringComparer.Ordinal).Select(lease => new ClusterLease(lease.AppKey, lease.Environment, lease.Holder, lease.Epoch, lease.ExpiresAt - Now, lease.Places, lease.Load, LeaseRow.InHour(lease.Attempts, Now), LeaseRow.InHour(lease.Registrations, Now)))],
        [.. _keys.Values.Where(key => key.Edges > 0 || key.Holder is not null).OrderBy(key => key.Key).Select(key => new ClusterPlacement(key.Key, key.State, key.Holder?.AppKey, key.HolderEpoch, key.KeyEpoch, key.Edges, key.Code, key.Text))]);

    private void TouchIngest(LeaseRequest request)
    {
        if (!_nodes.TryGetValue(request.Holder, out var node))
            _nodes.Add(request.Holder, node = new NodeRow(request.Holder, isEdge: false));
        node.ExpiresAt = Now + (request.Ttl * NodeTtls);
    }

    private static void RemoveDemand(NodeRow row, KeyRow key)
    {
        if (row.Wanted.Remove(key))
            key.Edges--;
    }

    private WantedKey AnswerOf(KeyRow key, TimeSpan wantedAt, TimeSpan takeoverDelay)
    {
        if (key.State == PlacementState.Refused && key.RefusedUntil > Now)
            return new WantedKey(key.Key, DemandState.Refused, key.KeyEpoch, key.Code, key.Text);
        if (key.State == PlacementState.Registered && key.Holder!.Epoch == key.HolderEpoch && !key.IsOrphaned(takeoverDelay, Now))
            return new WantedKey(key.Key, DemandState.Registered, key.KeyEpoch);
        var hasWaited = (wantedAt > key.ChangedAt ? wantedAt : key.ChangedAt) + takeoverDelay <= Now;
        return new WantedKey(key.Key, key.Holder is null && hasWaited && FreePlaces(key.Key.Environment) == 0 ? DemandState.NoFreePlace : DemandState.Waiting, key.KeyEpoch);
    }

    private int FreePlaces(string environment)
    {
        var free = 0;
        foreach (var lease in _leases.Values)
        {
            if (lease.IsLive(Now) && lease.Environment == environment)
                free += Math.Max(0, lease.Places - lease.Load);
        }

        return free;
    }
}
