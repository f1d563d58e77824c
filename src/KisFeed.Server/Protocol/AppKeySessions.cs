namespace KisFeed.Server;

/// <summary>Which app keys have sessions: one each, as the service has it. For any thread.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="holdAfterLoss">How long the key of a session that ended without a closing handshake stays taken; not at all where it is not given.</param>
internal sealed class AppKeySessions(TimeProvider timeProvider, Func<TimeSpan>? holdAfterLoss = null)
{
    private const int SweepAt = 1_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _heldUntil = new(StringComparer.Ordinal);

    public bool TryClaim(string appKey)
    {
        lock (_gate)
            return !IsHeld(appKey) && _claimed.Add(appKey);
    }

    public void Release(string appKey, bool wasClosed)
    {
        var hold = wasClosed || holdAfterLoss is null ? TimeSpan.Zero : holdAfterLoss();
        lock (_gate)
        {
            _claimed.Remove(appKey);
            if (hold == TimeSpan.Zero)
                return;
            if (_heldUntil.Count >= SweepAt)
                Sweep();
            _heldUntil[appKey] = timeProvider.GetUtcNow() + hold;
        }
    }

    private bool IsHeld(string appKey)
    {
        if (!_heldUntil.TryGetValue(appKey, out var until))
            return false;
        if (until > timeProvider.GetUtcNow())
            return true;
        _heldUntil.Remove(appKey);
        return false;
    }

    private void Sweep()
    {
        var now = timeProvider.GetUtcNow();
        foreach (var (appKey, until) in _heldUntil)
        {
            if (until <= now)
                _heldUntil.Remove(appKey);
        }
    }
}
