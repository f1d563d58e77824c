namespace KisFeed.Gateway;

/// <summary>
/// Order notices that could not be read are passed on to nobody, since each may be anybody's. Every HTS ID that it may have been for is told so at once, and what it missed before its next notice. Not for several threads at once.
/// </summary>
internal sealed class WithheldNotices
{
    private readonly Dictionary<HubKey, DateTimeOffset> _lastAt = [];
    private readonly HashSet<HubKey> _interrupted = [];

    /// <summary>A notice was withheld that may have been for this HTS ID.</summary>
    /// <returns>What to tell; <see langword="null"/> where it was told already.</returns>
    public Interruption? Withhold(HubKey key, DateTimeOffset at) => _interrupted.Add(key) ? new Interruption { At = at, Reason = GapReason.Unreadable } : null;

    /// <summary>A notice is passed on.</summary>
    /// <returns>The gap before it; <see langword="null"/> where nothing was withheld.</returns>
    public Gap? Pass(HubKey key, DateTimeOffset at)
    {
        var gap = _interrupted.Remove(key) ? new Gap { Reason = GapReason.Unreadable, From = _lastAt.TryGetValue(key, out var last) ? last : null, To = at } : null;
        _lastAt[key] = at;
        return gap;
    }

    /// <summary>The HTS ID is no longer registered.</summary>
    public void Forget(HubKey key)
    {
        _lastAt.Remove(key);
        _interrupted.Remove(key);
    }
}
