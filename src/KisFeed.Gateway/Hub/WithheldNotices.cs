namespace KisFeed.Gateway.Hub;

/// <summary>
/// Order notices that cannot be read are not delivered, because each may belong to any HTS ID. Every HTS ID that it may belong to gets an
/// interruption at once, and a gap before its next notice. Not thread-safe.
/// </summary>
internal sealed class WithheldNotices
{
    private readonly Dictionary<HubKey, DateTimeOffset> _lastAt = [];
    private readonly HashSet<HubKey> _interrupted = [];

    /// <summary>Records that a notice was withheld that may belong to this HTS ID.</summary>
    /// <returns>The interruption to deliver; <see langword="null"/> if one was delivered already.</returns>
    public Interruption? Withhold(HubKey key, DateTimeOffset at) =>
        _interrupted.Add(key) ? new Interruption { At = at, Reason = GapReason.Unreadable } : null;

    /// <summary>Records that a notice of this HTS ID is delivered.</summary>
    /// <returns>The gap before it; <see langword="null"/> if no notice was withheld.</returns>
    public Gap? OnDelivered(HubKey key, DateTimeOffset at)
    {
        var gap = _interrupted.Remove(key)
            ? new Gap { Reason = GapReason.Unreadable, From = _lastAt.TryGetValue(key, out var last) ? last : null, To = at }
            : null;
        _lastAt[key] = at;
        return gap;
    }

    public void Forget(HubKey key)
    {
        _lastAt.Remove(key);
        _interrupted.Remove(key);
    }
}
