using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Server;

/// <summary>
/// The approval keys that are valid, and whose they are. Valid for 24 hours; an earlier key of the same app key stays so. Bounded: beyond
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
    public string Issue(string appKey)
    {
        var approvalKey = Guid.NewGuid().ToString("D");
        var now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count >= Capacity || _approvals[oldest].Expires <= now))
                _approvals.Remove(_byAge.Dequeue());
            _approvals.Add(approvalKey, new Approval(appKey, now + Lifetime));
            _byAge.Enqueue(approvalKey);
        }

        return approvalKey;
    }

    public bool TryGetAppKey(string approvalKey, [NotNullWhen(true)] out string? appKey)
    {
        lock (_gate)
        {
            appKey = _approvals.TryGetValue(approvalKey, out var approval) && approval.Expires > timeProvider.GetUtcNow() ? approval.AppKey : null;
            return appKey is not null;
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

    private readonly record struct Approval(string AppKey, DateTimeOffset Expires);
}
