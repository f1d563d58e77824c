using System.Runtime.InteropServices;

namespace KisFeed.Server;

/// <summary>Which app keys have sessions: one each, as the service has it, or as many as are allowed. For any thread.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="holdAfterLoss">How long the key of a session that ended without a closing handshake stays taken; not at all where it is not given.</param>
/// <param name="limit">Sessions that an app key may have at once.</param>
internal sealed class AppKeyClaims(TimeProvider timeProvider, Func<TimeSpan>? holdAfterLoss = null, int limit = 1)
{
    private const int SweepAt = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _claimed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _heldUntil = new(StringComparer.Ordinal);

    public bool TryClaim(string appKey)
    {
        lock (_gate)
        {
            var sessions = _claimed.GetValueOrDefault(appKey);
            if (sessions >= limit || IsHeld(appKey))
                return false;
            _claimed[appKey] = sessions + 1;
            return true;
        }
    }

    public void Release(string appKey, bool wasClosed)
    {
        var hold = wasClosed || holdAfterLoss is null ? TimeSpan.Zero : holdAfterLoss();
        lock (_gate)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_claimed, appKey) == 0)
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
