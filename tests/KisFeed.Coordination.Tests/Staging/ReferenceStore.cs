using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>What the operations of <see cref="ICoordinationStore"/> mean, in memory, with a clock that the caller sets.</summary>
internal sealed class ReferenceStore
{
    private const int NodeTtls = 3;

    private readonly Dictionary<string, LeaseRow> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeRow> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<ClusterKey, KeyRow> _keys = [];
    private static readonly TimeSpan s_retirement = TimeSpan.FromDays(7);

    private readonly List<KeyRow> _mine = [];
    private readonly List<KeyRow> _claimable = [];

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
            row.Slots = 0;
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

        return new EdgeAnswer(
            true,
            [.. row.Wanted.OrderBy(wanted => wanted.Key.Key).Select(wanted => AnswerOf(wanted.Key, wanted.Value, request.TakeoverDelay))]);
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
        [.. _nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal)
            .Select(node => new ClusterNode(node.Name, node.IsEdge, node.ExpiresAt - Now, node.Wanted.Count))],
        [.. _leases.Values.OrderBy(lease => lease.AppKey, StringComparer.Ordinal).Select(lease => new ClusterLease(
            lease.AppKey, lease.Environment, lease.Holder, lease.Epoch,
            lease.ExpiresAt > TimeSpan.MinValue ? lease.ExpiresAt - Now : TimeSpan.MinValue, // nobody has held it yet
            lease.Slots, lease.Load, LeaseRow.InHour(lease.Attempts, Now), LeaseRow.InHour(lease.Registrations, Now)))],
        [])
    {
        Keys = [.. _keys.Values.Where(key => key.Edges > 0 || key.Holder is not null).OrderBy(key => key.Key)
            .Select(key => new ClusterPlacement(
                key.Key.Environment, key.Key.TrId, key.Key.Key, key.State, key.Holder?.AppKey, key.HolderEpoch, key.KeyEpoch, key.Edges,
                key.Code, key.Text))],
    };

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
        return new WantedKey(
            key.Key,
            key.Holder is null && hasWaited && FreeSlots(key.Key.Environment) == 0 ? DemandState.NoFreeSlot : DemandState.Waiting,
            key.KeyEpoch);
    }

    private int FreeSlots(string environment)
    {
        var free = 0;
        foreach (var lease in _leases.Values)
        {
            if (lease.IsLive(Now) && lease.Environment == environment)
                free += Math.Max(0, lease.Slots - lease.Load);
        }

        return free;
    }

    // What an ingest reports, releases and claims.

    public IngestAnswer SyncIngest(IngestRequest request)
    {
        if (!_leases.TryGetValue(request.AppKey, out var lease)
            || lease.Holder != request.Holder
            || lease.Epoch != request.Epoch
            || lease.ExpiresAt <= Now)
        {
            return new IngestAnswer(false, []);
        }
        lease.Slots = request.Slots;
        foreach (var node in _nodes.Values.Where(node => node.ExpiresAt <= Now).ToList())
            RemoveEdge(node.Name);
        foreach (var retired in _leases.Values.Where(other => other.ExpiresAt <= Now - s_retirement && other.Load == 0).ToList())
            _leases.Remove(retired.AppKey);
        foreach (var report in request.Reports)
            Apply(lease, report, request.Rules);
        _mine.Clear();
        _mine.AddRange(_keys.Values.Where(key => key.Holder == lease));
        Adopt(lease);
        FindClaimable(lease, request.Rules);
        ReleaseUnwanted(lease, request.Rules);
        Claim(lease, request.Rules);
        return new IngestAnswer(true, [.. _mine.Where(key => key.Holder == lease).OrderBy(key => key.Key)
            .Select(key => new HeldKey(key.Key, key.KeyEpoch, key.State))]);
    }

    private void Apply(LeaseRow lease, PlacementReport report, CoordinationOptions rules)
    {
        if (!_keys.TryGetValue(report.Key, out var key)
            || key.Holder != lease
            || key.HolderEpoch != lease.Epoch
            || key.KeyEpoch != report.KeyEpoch)
        {
            return;
        }
        switch (report.Kind)
        {
            case PlacementReportKind.Registered when key.State == PlacementState.Claimed:
                key.State = PlacementState.Registered;
                key.ChangedAt = Now;
                key.Avoid.Clear();
                break;
            case PlacementReportKind.Released when key.State == PlacementState.Releasing:
                Free(key);
                break;
            case PlacementReportKind.Failed:
                if (key.AvoidUntil <= Now)
                    key.Avoid.Clear();
                key.Avoid.Add(lease.AppKey);
                key.AvoidUntil = Now + rules.RetryDelay;
                Free(key);
                break;
            case PlacementReportKind.Refused:
                Free(key);
                key.State = PlacementState.Refused;
                (key.Code, key.Text) = (report.Code, report.Text);
                key.RefusedUntil = Now + rules.RefusalMemory;
                break;
        }
    }

    // The keys of an earlier holder of the same app key.
    private void Adopt(LeaseRow lease)
    {
        foreach (var key in _mine)
        {
            if (key.HolderEpoch == lease.Epoch)
                continue;
            if (key.Edges > 0)
                Take(lease, key);
            else
                Free(key);
        }
    }

    private void FindClaimable(LeaseRow lease, CoordinationOptions rules)
    {
        _claimable.Clear();
        foreach (var key in _keys.Values)
        {
            var isOpen = key.Holder is null
                ? key.State != PlacementState.Refused || key.RefusedUntil <= Now
                : key.Holder != lease && key.IsOrphaned(rules.TakeoverDelay, Now);
            if (isOpen && key.Edges == 0 && key.Holder is not null)
                Free(key);
            else if (isOpen && key.Edges > 0 && key.Key.Environment == lease.Environment)
                _claimable.Add(key);
        }
    }

    private void ReleaseUnwanted(LeaseRow lease, CoordinationOptions rules)
    {
        var needed = _claimable.Count - FreeSlots(lease.Environment) - _keys.Values.Count(
            key => key.State == PlacementState.Releasing && key.Holder!.IsLive(Now) && key.Key.Environment == lease.Environment);
        foreach (var key in _mine)
        {
            if (key.Holder != lease)
                continue;
            key.UnwantedSince = key.Edges > 0 ? null : key.UnwantedSince ?? Now;
        }

        foreach (var key
            in _mine.Where(key => key.Holder == lease && key is { UnwantedSince: not null, State: not PlacementState.Releasing })
                .OrderBy(key => key.UnwantedSince).ThenBy(key => key.Key).ToList())
        {
            if (key.ClaimedAt + rules.MinimumHold > Now || (key.UnwantedSince + rules.ReleaseGrace > Now && needed <= 0))
                continue;
            key.State = PlacementState.Releasing;
            key.ChangedAt = Now;
            needed--;
        }
    }

    private void Claim(LeaseRow lease, CoordinationOptions rules)
    {
        var left = Math.Min(lease.Slots - lease.Load, LeaseRow.Left(lease.Registrations, rules.NewRegistrations, Now));
        if (left <= 0)
            return;
        var share = FairShare(lease);
        var mayTakeOver = lease.HeldSince + rules.TakeoverDelay <= Now;
        var candidates = _claimable
            .Where(key => (key.Holder is null || mayTakeOver) && !(key.AvoidUntil > Now && key.Avoid.Contains(lease.AppKey)))
            .Select(key => (Key: key, Since: UnplacedSince(key, rules)))
            .OrderBy(candidate => candidate.Since).ThenBy(candidate => candidate.Key.Key)
            .ToList();
        foreach (var (key, since) in candidates)
        {
            if (left == 0)
                break;
            if (share <= 0 && since + rules.FairDelay > Now)
                continue;
            share--;
            left--;
            Take(lease, key);
            lease.Registrations.Add(Now);
            _mine.Add(key);
            Claimed?.Invoke(lease);
        }
    }

    // Fills the ingests with the fewest keys first, up to the same level, as far as each has slots. What remains
    // goes to the first by name, one each.
    private int FairShare(LeaseRow lease)
    {
        var live = _leases.Values.Where(other => other.IsLive(Now) && other.Environment == lease.Environment).ToList();
        var total = live.Sum(other => other.Load) + _claimable.Count;
        var highest = live.Max(other => other.Slots);
        var level = 0;
        while (level < highest && LoadAt(level + 1) <= total)
            level++;
        var rest = total - LoadAt(level);
        var isRoom = lease.Load <= level && level < lease.Slots;
        var before = live.Count(
            other => other.Load <= level && level < other.Slots && string.CompareOrdinal(other.AppKey, lease.AppKey) < 0);
        return Math.Max(lease.Load, Math.Min(lease.Slots, level)) + (isRoom && before < rest ? 1 : 0) - lease.Load;

        int LoadAt(int atLevel) => live.Sum(other => Math.Max(other.Load, Math.Min(other.Slots, atLevel)));
    }

    private TimeSpan UnplacedSince(KeyRow key, CoordinationOptions rules)
    {
        var open = key.Holder is null ? key.ChangedAt : key.Holder.ExpiresAt + rules.TakeoverDelay;
        var wanted = _nodes.Values.Where(node => node.Wanted.ContainsKey(key)).Min(node => node.Wanted[key]);
        return open > wanted ? open : wanted;
    }

    private void Take(LeaseRow lease, KeyRow key)
    {
        if (key.Holder is { } before)
            before.Load--;
        lease.Load++;
        key.Holder = lease;
        key.HolderEpoch = lease.Epoch;
        key.KeyEpoch++;
        key.State = PlacementState.Claimed;
        (key.Code, key.Text) = ("", "");
        key.ClaimedAt = key.ChangedAt = Now;
        key.UnwantedSince = null;
        HolderChanged?.Invoke(key);
    }

    private void Free(KeyRow key)
    {
        key.Holder!.Load--;
        key.Holder = null;
        key.HolderEpoch = 0;
        key.State = PlacementState.Free;
        (key.Code, key.Text) = ("", "");
        key.ChangedAt = Now;
        key.UnwantedSince = null;
    }
}
