using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Server;

/// <summary>
/// The approval keys that are valid, and whose they are. Valid for 24 hours; an earlier key of the same owner stays so. Bounded: beyond
/// <see cref="CapacityOfOwner"/> the oldest of an owner are forgotten, so that nobody pushes out those of others, and beyond <see cref="Capacity"/> the oldest of all. For any thread.
/// </summary>
internal sealed class ApprovalKeys(TimeProvider timeProvider)
{
    public const int Capacity = 100_000;

    public const int CapacityOfOwner = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Approval> _approvals = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();
    private readonly Dictionary<string, Queue<string>> _byOwner = new(StringComparer.Ordinal);

    /// <summary>How long a key is valid.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>A new key, 36 characters like a UUID.</summary>
    /// <param name="owner">Whose it is: an app key, or what stands for one.</param>
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
            NoteOwner(owner, approvalKey);
        }

        return approvalKey;
    }

    public bool TryGetOwner(string approvalKey, [NotNullWhen(true)] out string? owner)
    {
        lock (_gate)
        {
            owner = _approvals.TryGetValue(approvalKey, out var approval) && approval.Expires > timeProvider.GetUtcNow() ? approval.Owner : null;
            return owner is not null;
        }
    }

    /// <summary>Makes a key invalid.</summary>
    public void Forget(string approvalKey)
    {
        lock (_gate)
        {
            // Its place in the line is kept for the day it is due.
            if (_approvals.TryGetValue(approvalKey, out var approval))
                _approvals[approvalKey] = approval with { Expires = DateTimeOffset.MinValue };
        }
    }

    private void NoteOwner(string owner, string approvalKey)
    {
        if (!_byOwner.TryGetValue(owner, out var keys))
            _byOwner.Add(owner, keys = new Queue<string>());
        keys.Enqueue(approvalKey);
        if (keys.Count > CapacityOfOwner)
            Forget(keys.Dequeue());
    }

    // The oldest of all is the oldest of its owner too, where that has not forgotten it already.
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
