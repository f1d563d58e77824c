using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>Admits a session if its approval key is known and its app key has no other session, as the broker does.</summary>
internal sealed class AppKeyGate(ApprovalKeys approvalKeys, AppKeySessions claims) : ISessionGate
{
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        owner = "";
        if (!approvalKeys.TryGetOwner(approvalKey, out var known))
            return BrokerCode.UnknownApprovalKey;
        owner = known;
        return claims.TryClaim(known) ? null : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed) => claims.Release(owner, wasClosed);
}

/// <summary>Admits sessions and is notified when they end. Thread-safe.</summary>
internal interface ISessionGate
{
    /// <summary>Called at the first request of a session: finds its owner and decides whether the owner may have another session.</summary>
    /// <param name="approvalKey">The approval key of the request.</param>
    /// <param name="owner">The owner of the session; passed to <see cref="End"/> later.</param>
    /// <returns>The code to refuse with, or <see langword="null"/> if the session has begun.</returns>
    BrokerCode? Begin(string approvalKey, out string owner);

    /// <summary>Called when a session that had begun has ended.</summary>
    void End(string owner, bool wasClosed);
}

/// <summary>The app keys that have a session. Like the broker, allows one session per app key. Thread-safe.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="holdAfterLoss">How long an app key stays in use after its session ended without a closing handshake. Default: not at all.</param>
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
