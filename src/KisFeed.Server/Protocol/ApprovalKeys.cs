using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Server.Protocol;

/// <summary>
/// The valid approval keys and their owners. A key is valid for 24 hours; issuing a new key does not invalidate earlier keys of the same
/// owner. The table is bounded: beyond <see cref="CapacityOfOwner"/> an owner loses its own oldest key, so that one owner cannot evict the
/// keys of others; beyond <see cref="Capacity"/> the oldest key of all is removed. Thread-safe.
/// </summary>
internal sealed class ApprovalKeys(TimeProvider timeProvider)
{
    public const int Capacity = 100_000;

    public const int CapacityOfOwner = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Approval> _approvals = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();
    private readonly Dictionary<string, Queue<string>> _byOwner = new(StringComparer.Ordinal);

    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>Issues a new key: 36 characters in the form of a UUID.</summary>
    /// <param name="owner">The owner of the key: an app key, or the account that stands for one.</param>
    public string Issue(string owner)
    {
        var approvalKey = Guid.NewGuid().ToString("D");
        var now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count >= Capacity || _approvals[oldest].Expires <= now))
                Remove(_byAge.Dequeue());
            _approvals.Add(approvalKey, new Approval(owner, now + Lifetime));
            _byAge.Enqueue(approvalKey);
            AddToOwner(owner, approvalKey);
        }

        return approvalKey;
    }

    public bool TryGetOwner(string approvalKey, [NotNullWhen(true)] out string? owner)
    {
        lock (_gate)
        {
            owner = _approvals.TryGetValue(approvalKey, out var approval) && approval.Expires > timeProvider.GetUtcNow()
                ? approval.Owner
                : null;
            return owner is not null;
        }
    }

    public void Revoke(string approvalKey)
    {
        lock (_gate)
        {
            // The entry stays in the queue until it expires.
            if (_approvals.TryGetValue(approvalKey, out var approval))
                _approvals[approvalKey] = approval with { Expires = DateTimeOffset.MinValue };
        }
    }

    private void AddToOwner(string owner, string approvalKey)
    {
        if (!_byOwner.TryGetValue(owner, out var keys))
            _byOwner.Add(owner, keys = new Queue<string>());
        keys.Enqueue(approvalKey);
        if (keys.Count > CapacityOfOwner)
            Revoke(keys.Dequeue());
    }

    // The oldest key of all is also the oldest of its owner, unless the owner's limit has removed it already.
    private void Remove(string approvalKey)
    {
        _approvals.Remove(approvalKey, out var approval);
        if (!_byOwner.TryGetValue(approval.Owner, out var keys) || keys.Peek() != approvalKey)
            return;
        keys.Dequeue();
        if (keys.Count == 0)
            _byOwner.Remove(approval.Owner);
    }

    private readonly record struct Approval(string Owner, DateTimeOffset Expires);
}

/// <summary>Limits each app key to one approval key per interval. Thread-safe.</summary>
internal sealed class ApprovalThrottle(TimeSpan interval, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly HeldKeys _granted = new(timeProvider);

    public bool TryAcquire(string appKey)
    {
        lock (_gate)
        {
            if (_granted.Contains(appKey))
                return false;
            if (interval > TimeSpan.Zero)
                _granted.Add(appKey, interval);
            return true;
        }
    }
}
