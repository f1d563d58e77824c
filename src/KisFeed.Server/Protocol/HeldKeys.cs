namespace KisFeed.Server.Protocol;

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
