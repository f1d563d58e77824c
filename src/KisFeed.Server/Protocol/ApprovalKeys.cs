using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Server;

/// <summary>
/// The approval keys that are valid, and whose they are. Valid for 24 hours; an earlier key of the same owner stays so. Bounded: beyond
/// <see cref="Capacity"/> the oldest are forgotten. For any thread.
/// </summary>
internal sealed class ApprovalKeys(TimeProvider timeProvider)
{
    public const int Capacity = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Approval> _approvals = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();

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
                _approvals.Remove(_byAge.Dequeue());
            _approvals.Add(approvalKey, new Approval(owner, now + Lifetime));
            _byAge.Enqueue(approvalKey);
        }

        return approvalKey;
    }

    public bool TryGetAppKey(string approvalKey, [NotNullWhen(true)] out string? owner)
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

    private readonly record struct Approval(string Owner, DateTimeOffset Expires);
}
