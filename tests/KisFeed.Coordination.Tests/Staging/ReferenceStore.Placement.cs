using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Staging;

// What an ingest reports, releases and claims.
internal sealed partial class ReferenceStore
{
    private static readonly TimeSpan s_retirement = TimeSpan.FromDays(7);

    private readonly List<KeyRow> _mine = [];
    private readonly List<KeyRow> _claimable = [];

    public IngestAnswer SyncIngest(IngestRequest request)
    {
        if (!_leases.TryGetValue(request.AppKey, out var lease) || lease.Holder != request.Holder || lease.Epoch != request.Epoch || lease.ExpiresAt <= Now)
            return new IngestAnswer(false, []);
        lease.Places = request.Places;
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
        return new IngestAnswer(true, [.. _mine.Where(key => key.Holder == lease).OrderBy(key => key.Key).Select(key => new HeldKey(key.Key, key.KeyEpoch, key.State))]);
    }

    private void Apply(LeaseRow lease, PlacementReport report, PlacementRules rules)
    {
        if (!_keys.TryGetValue(report.Key, out var key) || key.Holder != lease || key.HolderEpoch != lease.Epoch || key.KeyEpoch != report.KeyEpoch)
            return;
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

    private void FindClaimable(LeaseRow lease, PlacementRules rules)
    {
        _claimable.Clear();
        foreach (var key in _keys.Values)
        {
            var isOpen = key.Holder is null ? key.State != PlacementState.Refused || key.RefusedUntil <= Now : key.Holder != lease && key.IsOrphaned(rules.TakeoverDelay, Now);
            if (isOpen && key.Edges == 0 && key.Holder is not null)
                Free(key);
            else if (isOpen && key.Edges > 0 && key.Key.Environment == lease.Environment)
                _claimable.Add(key);
        }
    }

    private void ReleaseUnwanted(LeaseRow lease, PlacementRules rules)
    {
        var needed = _claimable.Count - FreePlaces(lease.Environment) - _keys.Values.Count(key => key.State == PlacementState.Releasing && key.Holder!.IsLive(Now) && key.Key.Environment == lease.Environment);
        foreach (var key in _mine)
        {
            if (key.Holder != lease)
                continue;
            key.UnwantedSince = key.Edges > 0 ? null : key.UnwantedSince ?? Now;
        }

        foreach (var key in _mine.Where(key => key.Holder == lease && key is { UnwantedSince: not null, State: not PlacementState.Releasing }).OrderBy(key => key.UnwantedSince).ThenBy(key => key.Key).ToList())
        {
            if (key.ClaimedAt + rules.MinimumHold > Now || (key.UnwantedSince + rules.ReleaseGrace > Now && needed <= 0))
                continue;
            key.State = PlacementState.Releasing;
            key.ChangedAt = Now;
            needed--;
        }
    }

    private void Claim(LeaseRow lease, PlacementRules rules)
    {
        var left = Math.Min(lease.Places - lease.Load, LeaseRow.Left(lease.Registrations, rules.NewRegistrations, Now));
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

    // Fills the ingests with the fewest keys first, up to the same level, as far as each has places. What remains goes to the first by name, one each.
    private int FairShare(LeaseRow lease)
    {
        var live = _leases.Values.Where(other => other.IsLive(Now) && other.Environment == lease.Environment).ToList();
        var total = live.Sum(other => other.Load) + _claimable.Count;
        var highest = live.Max(other => other.Places);
        var level = 0;
        while (level < highest && LoadAt(level + 1) <= total)
            level++;
        var rest = total - LoadAt(level);
        var isRoom = lease.Load <= level && level < lease.Places;
        var before = live.Count(other => other.Load <= level && level < other.Places && string.CompareOrdinal(other.AppKey, lease.AppKey) < 0);
        return Math.Max(lease.Load, Math.Min(lease.Places, level)) + (isRoom && before < rest ? 1 : 0) - lease.Load;

        int LoadAt(int atLevel) => live.Sum(other => Math.Max(other.Load, Math.Min(other.Places, atLevel)));
    }

    private TimeSpan UnplacedSince(KeyRow key, PlacementRules rules)
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
