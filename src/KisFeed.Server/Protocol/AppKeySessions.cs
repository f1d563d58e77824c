namespace KisFeed.Server.Protocol;

/// <summary>The app keys that have a session. Like the broker, allows one session per app key. Thread-safe.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="holdAfterLoss">How long an app key stays in use after its session ended without a closing
/// handshake. Default: not at all.</param>
internal sealed class AppKeySessions(TimeProvider timeProvider, Func<TimeSpan>? holdAfterLoss = null)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly HeldKeys _held = new(timeProvider);

    public bool TryClaim(string appKey)
    {
        lock (_gate)
            return !_held.Contains(appKey) && _claimed.Add(appKey);
    }

    public void Release(string appKey, bool wasClosed)
    {
        var hold = wasClosed || holdAfterLoss is null ? TimeSpan.Zero : holdAfterLoss();
        lock (_gate)
        {
            _claimed.Remove(appKey);
            if (hold > TimeSpan.Zero)
                _held.Add(appKey, hold);
        }
    }
}

/// <summary>Keys that are held for a time. Not thread-safe.</summary>
internal sealed class HeldKeys(TimeProvider timeProvider)
{
    private const int SweepAt = 1_000;

    private readonly Dictionary<string, (long Since, TimeSpan Hold)> _keys = new(StringComparer.Ordinal);

    public bool Contains(string key) => _keys.TryGetValue(key, out var held) && IsHeld(held);

    /// <summary>Holds a key from now on. Beyond a number of keys, those that are no longer held are removed.</summary>
    public void Add(string key, TimeSpan hold)
    {
        if (_keys.Count >= SweepAt)
        {
            foreach (var (other, _) in _keys.Where(other => !IsHeld(other.Value)))
                _keys.Remove(other);
        }

        _keys[key] = (timeProvider.GetTimestamp(), hold);
    }

    private bool IsHeld((long Since, TimeSpan Hold) held) => timeProvider.GetElapsedTime(held.Since) < held.Hold;
}
